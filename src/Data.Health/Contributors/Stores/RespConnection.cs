using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Data.Health.Contributors.Stores;

/// <summary>The server's own refusal, as opposed to a broken connection. Its text stays inside.</summary>
internal sealed class RespErrorException(string code) : Exception
{
    /// <summary>The first word of the error, such as LOADING or NOAUTH.</summary>
    public string Code => code;
}

/// <summary>
/// A connection that speaks just enough of Redis's protocol (RESP2) for a health check: commands of words, replies of strings.
/// </summary>
internal sealed class RespConnection : IAsyncDisposable, IDisposable
{
    private const int MaxReplyBytes = 1 << 20;
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    private RespConnection(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
    }

    public static async Task<RespConnection> OpenAsync(RedisAddress address, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, cancellation).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (address.UseTls)
            {
                var tls = new SslStream(stream);
                stream = tls;
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.Host }, cancellation)
                    .ConfigureAwait(false);
            }

            var connection = new RespConnection(socket, stream);
            if (address.Password is { Length: > 0 } password)
            {
                await connection.CallAsync(address.User is { } user ? ["AUTH", user, password] : ["AUTH", password], cancellation)
                    .ConfigureAwait(false);
            }

            return connection;
        }
        catch
        {
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a command and reads its reply: a simple string, an integer or a bulk string.</summary>
    /// <exception cref="RespErrorException">The server answered an error.</exception>
    /// <exception cref="IOException">The connection broke or the answer is not RESP.</exception>
    public async Task<string> CallAsync(string[] words, CancellationToken cancellation)
    {
        var command = new StringBuilder();
        command.Append(CultureInfo.InvariantCulture, $"*{words.Length}\r\n");
        foreach (var word in words)
            command.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(command.ToString()), cancellation).ConfigureAwait(false);

        var line = await ReadLineAsync(cancellation).ConfigureAwait(false);
        return line.Length == 0 ? throw new IOException("Empty reply.") : line[0] switch
        {
            '+' or ':' => line[1..],
            '-' => throw new RespErrorException(line[1..].Split(' ', 2)[0]),
            '$' => await ReadBulkAsync(line, cancellation).ConfigureAwait(false),
            _ => throw new IOException("The answer is not RESP."),
        };
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        _socket.Dispose();
    }

    private async Task<string> ReadBulkAsync(string header, CancellationToken cancellation)
    {
        if (!int.TryParse(header.AsSpan(1), CultureInfo.InvariantCulture, out var length) || length > MaxReplyBytes)
            throw new IOException("The answer is not RESP.");
        if (length < 0)
            return "";

        var bytes = new byte[length + 2];
        for (var read = 0; read < bytes.Length;)
        {
            if (_start == _end)
                await FillAsync(cancellation).ConfigureAwait(false);
            var count = Math.Min(bytes.Length - read, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(bytes.AsSpan(read));
            _start += count;
            read += count;
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (line.Length < MaxReplyBytes)
        {
            if (_start == _end)
                await FillAsync(cancellation).ConfigureAwait(false);
            var c = (char)_buffer[_start++];
            if (c == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append(c);
        }

        throw new IOException("The answer is not RESP.");
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        _start = 0;
        _end = await _stream.ReadAsync(_buffer, cancellation).ConfigureAwait(false);
        if (_end == 0)
            throw new IOException("The server closed the connection.");
    }
}
