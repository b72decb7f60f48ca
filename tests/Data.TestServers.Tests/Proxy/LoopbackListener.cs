using System.Net;
using System.Net.Sockets;

namespace Data.TestServers.Tests.Proxy;

/// <summary>A server of the proxy's tests: serves each connection until it ends.</summary>
internal abstract class LoopbackListener : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    protected LoopbackListener()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(128);
        _accepting = AcceptAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    protected abstract Task ServeAsync(Socket client, CancellationToken cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
                serving.Add(RunAsync(await _listener.AcceptAsync(_stopping.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task RunAsync(Socket client)
    {
        await Task.Yield();
        using (client)
        {
            try
            {
                await ServeAsync(client, _stopping.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The connection or the test ended.
            }
        }
    }
}

/// <summary>Sends back what it receives.</summary>
internal sealed class EchoServer : LoopbackListener
{
    protected override async Task ServeAsync(Socket client, CancellationToken cancellationToken)
    {
        client.NoDelay = true;
        var buffer = new byte[64 * 1024];
        while (await client.ReceiveAsync(buffer, SocketFlags.None, cancellationToken) is > 0 and var count)
        {
            for (var sent = 0; sent < count;)
                sent += await client.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None, cancellationToken);
        }
    }
}

/// <summary>Keeps what it receives, connection by connection.</summary>
internal sealed class SinkServer : LoopbackListener
{
    private readonly System.Threading.Channels.Channel<Received> _received = System.Threading.Channels.Channel.CreateUnbounded<Received>();

    internal bool Reads { get; init; } = true;

    internal async Task<Received> NextAsync() => await _received.Reader.ReadAsync(TestContext.Current.CancellationToken);

    protected override async Task ServeAsync(Socket client, CancellationToken cancellationToken)
    {
        if (!Reads)
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        _received.Writer.TryWrite(await Received.FromAsync(client, cancellationToken));
    }
}
