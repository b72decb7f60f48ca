using System.Net;
using System.Net.Sockets;

namespace Data.TestServers.Tests.Proxy;

internal sealed class TestClient : IDisposable
{
    private readonly Socket _socket;

    private TestClient(Socket socket) => _socket = socket;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static async Task<TestClient> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, Token);
        return new TestClient(socket);
    }

    internal async Task SendAsync(byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
            sent += await _socket.SendAsync(bytes.AsMemory(sent), Token);
    }

    internal void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    internal void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }

    internal async Task<byte[]> ReceiveAsync(int count)
    {
        var bytes = new byte[count];
        for (var received = 0; received < count;)
        {
            var more = await _socket.ReceiveAsync(bytes.AsMemory(received), Token);
            more.ShouldBeGreaterThan(0);
            received += more;
        }

        return bytes;
    }

    internal Task<Received> ReceiveAllAsync() => Received.FromAsync(_socket, Token);

    public void Dispose() => _socket.Dispose();
}
