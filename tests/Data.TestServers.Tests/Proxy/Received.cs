using System.Net.Sockets;

namespace Data.TestServers.Tests.Proxy;

/// <summary>All that arrived on a connection until it ended, and how it ended.</summary>
internal sealed record Received(byte[] Bytes, bool WasReset)
{
    internal static async Task<Received> FromAsync(Socket socket, CancellationToken cancellationToken)
    {
        var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var count = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
                if (count == 0)
                    return new Received(all.ToArray(), WasReset: false);
                all.Write(buffer, 0, count);
            }
        }
        catch (SocketException e) when (e
            .SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted)
        {
            return new Received(all.ToArray(), WasReset: true);
        }
    }
}
