using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Data.TestServers.Redis;

/// <summary>The least of a Redis client: one command after another over RESP2. Not thread-safe.</summary>
internal sealed class RespConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _at;
    private int _end;

    private RespConnection(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
    }

    internal static async Task<RespConnection> OpenAsync(RedisServer server, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, cancellationToken).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket);
            if (server.Tls is not null)
                stream = await SecureAsync(stream, cancellationToken).ConfigureAwait(false);
            var connection = new RespConnection(socket, stream);
            if (server.Password.Length > 0)
                await connection.ExecuteAsync(["AUTH", server.Password], cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Runs a command: a string, a long, null, or an array of these.</summary>
    internal async Task<object?> ExecuteAsync(IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"*{words.Count}\r\n");
        foreach (var word in words)
            text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellationToken).ConfigureAwait(false);
        return await ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task<object?> ReadAsync(CancellationToken cancellationToken)
    {
        var line = Encoding.UTF8.GetString(await ReadUntilLineEndAsync(cancellationToken).ConfigureAwait(false));
        var rest = line[1..];
        switch (line[0])
        {
            case '+':
                return rest;
            case '-':
                throw new InvalidOperationException("Redis refused: " + rest);
            case ':':
                return long.Parse(rest, CultureInfo.InvariantCulture);
            case '$':
                var length = int.Parse(rest, CultureInfo.InvariantCulture);
                if (length < 0)
                    return null;
                var bytes = new byte[length + 2];
                for (var at = 0; at < bytes.Length; at++)
                    bytes[at] = await ReadByteAsync(cancellationToken).ConfigureAwait(false);
                return Encoding.UTF8.GetString(bytes, 0, length);
            case '*':
                var count = int.Parse(rest, CultureInfo.InvariantCulture);
                if (count < 0)
                    return null;
                var items = new object?[count];
                for (var item = 0; item < count; item++)
                    items[item] = await ReadAsync(cancellationToken).ConfigureAwait(false);
                return items;
            default:
                throw new InvalidDataException("Not a reply of Redis: " + line);
        }
    }

    private async Task<byte[]> ReadUntilLineEndAsync(CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        while (true)
        {
            var next = await ReadByteAsync(cancellationToken).ConfigureAwait(false);
            if (next == '\n')
                return [.. line];
            if (next != '\r')
                line.Add(next);
        }
    }

    private async ValueTask<byte> ReadByteAsync(CancellationToken cancellationToken)
    {
        if (_at == _end)
        {
            _end = await _stream.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false);
            _at = 0;
            if (_end == 0)
                throw new EndOfStreamException("Redis closed the connection.");
        }

        return _buffer[_at++];
    }

    private static async Task<Stream> SecureAsync(Stream plain, CancellationToken cancellationToken)
    {
        // Tests of certificates use a client of their own; this one only sends commands to our own child.
#pragma warning disable MA0039, CA5359
        var secure = new SslStream(plain, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore MA0039, CA5359
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, cancellationToken)
            .ConfigureAwait(false);
        return secure;
    }
}
