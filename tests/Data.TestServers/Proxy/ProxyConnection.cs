using System.Net.Sockets;
using Data.TestServers.Proxy;

namespace Data.TestServers;

/// <summary>A connection through a <see cref="FaultProxy"/>. Thread-safe.</summary>
public sealed class ProxyConnection
{
    private static readonly TimeSpan CloseLinger = TimeSpan.FromSeconds(1);
    private readonly FaultProxy _proxy;
    private readonly Socket _client;
    private readonly Socket _server;
    private readonly ProxyFlow _toServer;
    private readonly ProxyFlow _toClient;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _cutting;
    private int _end = -1;

    internal ProxyConnection(FaultProxy proxy, long id, Socket client, Socket server)
    {
        _proxy = proxy;
        Id = id;
        _client = client;
        _server = server;
        _toServer = new ProxyFlow(proxy, this, Direction.ToServer, client, server);
        _toClient = new ProxyFlow(proxy, this, Direction.ToClient, server, client);
    }

    /// <summary>The number of this connection, counted from 1 in the order of acceptance.</summary>
    public long Id { get; }

    /// <summary>How many bytes were forwarded to the server.</summary>
    public long BytesToServer => _toServer.Forwarded;

    /// <summary>How many bytes were forwarded to the client.</summary>
    public long BytesToClient => _toClient.Forwarded;

    /// <summary>Ends when the connection is closed, in whatever way.</summary>
    public Task Closed => _closed.Task;

    internal bool IsCutting => Volatile.Read(ref _cutting) != 0;

    /// <summary>Whether bytes were swallowed, so that the stream cannot go on.</summary>
    internal bool LostBytes { get; set; }

    /// <summary>Cuts this connection after so many more bytes.</summary>
    /// <param name="direction">The direction whose bytes count, from now.</param>
    /// <param name="bytes">How many bytes still pass; 0 cuts when the next byte arrives.</param>
    /// <param name="kind">How the connection ends.</param>
    /// <returns>The cut, which tells when it happened.</returns>
    public ProxyCut CutAfter(Direction direction, long bytes, CutKind kind = CutKind.Reset)
    {
        var cut = new ProxyCut(direction, bytes, kind);
        Arm(cut);
        return cut;
    }

    /// <summary>Resets this connection now, on both sides.</summary>
    public void Reset()
    {
        _ = TryBeginCut();
        End(CutKind.Reset);
    }

    internal void Arm(ProxyCut cut) => (cut.Direction == Direction.ToServer ? _toServer : _toClient).Arm(cut);

    internal bool TryBeginCut() => Interlocked.Exchange(ref _cutting, 1) == 0;

    internal void End(CutKind kind)
    {
        if (Interlocked.CompareExchange(ref _end, (int)kind, -1) == -1)
            _stopping.Cancel();
    }

    internal async Task ServeAsync(string host, int port)
    {
        try
        {
            await ConnectAsync(host, port).ConfigureAwait(false);
            await Task.WhenAll(_toServer.RunAsync(_stopping.Token), _toClient.RunAsync(_stopping.Token)).ConfigureAwait(false);
            if (_toServer.TargetIsGone || _toClient.TargetIsGone)
                End(CutKind.Reset);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The server cannot be reached: the client, whose connection the kernel had accepted, sees a reset.
            End(CutKind.Reset);
        }
        finally
        {
            await CloseAsync().ConfigureAwait(false);
            _proxy.Forget(this);
            _closed.TrySetResult();
        }
    }

    // A black hole needs no server behind it, so a failure to connect shows only when it ends.
    private async Task ConnectAsync(string host, int port)
    {
        try
        {
            await _server.ConnectAsync(host, port, _stopping.Token).ConfigureAwait(false);
        }
        catch (SocketException) when (_proxy.Swallows)
        {
            LostBytes = true;
            await Task.Delay(Timeout.InfiniteTimeSpan, _stopping.Token).ConfigureAwait(false);
        }
    }

    private async Task CloseAsync()
    {
        switch ((CutKind)Volatile.Read(ref _end))
        {
            case CutKind.Reset:
                // Lingering for no time makes close() send a reset.
                _client.LingerState = _server.LingerState = new LingerOption(enable: true, seconds: 0);
                break;
            case CutKind.Close:
                await Task.WhenAll(SayGoodbyeAsync(_client), SayGoodbyeAsync(_server)).ConfigureAwait(false);
                break;
        }

        _client.Dispose();
        _server.Dispose();
    }

    // Closing with unread bytes would send a reset, so they are read and dropped until the other side closes too.
    private static async Task SayGoodbyeAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(CloseLinger);
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            var waste = new byte[4_096];
            while (await socket.ReceiveAsync(waste, SocketFlags.None, limit.Token).ConfigureAwait(false) > 0)
            {
                // Dropped.
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The other side went first, or took too long.
        }
    }
}
