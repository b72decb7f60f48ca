using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PrivateServers;

/// <summary>Asks a server in its own words over a plain socket.</summary>
internal static class LoopbackProbe
{
    /// <summary>Connects, sends the question if there is one, and returns the first piece of the answer.</summary>
    internal static async Task<string> AskAsync(int port, string question, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken).ConfigureAwait(false);
        if (question.Length > 0) await socket.SendAsync(Encoding.ASCII.GetBytes(question), cancellationToken).ConfigureAwait(false);
        var buffer = new byte[512];
        var count = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Encoding.ASCII.GetString(buffer, 0, count);
    }
}
