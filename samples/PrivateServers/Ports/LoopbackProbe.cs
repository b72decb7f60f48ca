using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace PrivateServers.Ports;

/// <summary>Sends a request in a server's own protocol over a socket.</summary>
internal static class LoopbackProbe
{
    /// <summary>Connects, sends the request unless it is empty, and returns the first part of the reply.</summary>
    internal static async Task<string> AskAsync(int port, string question, CancellationToken cancellationToken, bool tls = false)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken).ConfigureAwait(false);
        await using var plain = new NetworkStream(socket);
        await using var stream = tls ? await SecureAsync(plain, cancellationToken).ConfigureAwait(false) : plain;
        if (question.Length > 0)
            await stream.WriteAsync(Encoding.ASCII.GetBytes(question), cancellationToken).ConfigureAwait(false);
        var buffer = new byte[512];
        var count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Encoding.ASCII.GetString(buffer, 0, count);
    }

    // The question is only whether our own child answers yet; nothing secret is sent.
    private static async Task<Stream> SecureAsync(NetworkStream plain, CancellationToken cancellationToken)
    {
#pragma warning disable MA0039, CA5359
        var secure = new SslStream(plain, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore MA0039, CA5359
        await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, cancellationToken)
            .ConfigureAwait(false);
        return secure;
    }
}
