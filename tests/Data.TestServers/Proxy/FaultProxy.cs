using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using PrivateServers.Ports;

namespace Data.TestServers;

/// <summary>
/// A TCP proxy on 127.0.0.1 that bends real connections: it delays, freezes, swallows, cuts to the byte, resets and refuses.
/// Nothing before the place of a cut is lost, and a slow receiver slows the sender. Thread-safe; settings take effect at once.
/// </summary>
/// <example><code>
/// await using var proxy = await FaultProxy.StartAsync(postgres.Host, postgres.Port);
/// proxy.Inspect = chunk => chunk.Direction == Direction.ToServer &amp;&amp; chunk.Contains("COMMIT"u8)
///     ? ChunkVerdict.CutAfter
///     : ChunkVerdict.Forward;
/// </code></example>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ProxyConnection, Task> _connections = new();
    private readonly Lock _sync = new();
    private readonly LoopbackPort _port = LoopbackPort.Any();
    private readonly List<(ProxyCut Cut, int Left)> _waitingCuts = [];
    private readonly long[] _delayTicks = new long[2];
    private readonly long[] _bytes = new long[2];
    private volatile TaskCompletionSource? _frozen;
    private volatile bool _swallows;
    private volatile Func<ProxyChunk, ChunkVerdict>? _inspect;
    private (string Host, int Port) _target;
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private long _accepted;
    private Exception? _inspectError;
    private bool _disposed;

    private FaultProxy(string host, int port) => _target = (host, port);

    /// <summary>Where clients connect: 127.0.0.1.</summary>
    public string Host { get; } = "127.0.0.1";

    /// <summary>The port that clients connect to; the same for the proxy's whole life.</summary>
    public int Port => _port.Number;

    /// <summary>Host and port, such as "127.0.0.1:12345".</summary>
    public string EndPoint => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>How many connections were accepted so far.</summary>
    public long ConnectionCount => Interlocked.Read(ref _accepted);

    /// <summary>The connections that are open now, oldest first.</summary>
    public IReadOnlyList<ProxyConnection> Connections => [.. _connections.Keys.OrderBy(connection => connection.Id)];

    /// <summary>How many bytes were forwarded to the server over all connections.</summary>
    public long BytesToServer => Interlocked.Read(ref _bytes[(int)Direction.ToServer]);

    /// <summary>How many bytes were forwarded to clients over all connections.</summary>
    public long BytesToClient => Interlocked.Read(ref _bytes[(int)Direction.ToClient]);

    /// <summary>Sees each chunk before it is forwarded and decides about it; null, the default, forwards all. Called from any thread.
    /// When it throws, the connection is reset, and <see cref="DisposeAsync"/> throws the first such exception, so that a test's own
    /// mistake fails it.</summary>
    public Func<ProxyChunk, ChunkVerdict>? Inspect
    {
        get => _inspect;
        set => _inspect = value;
    }

    /// <summary>Starts a proxy.</summary>
    /// <param name="targetHost">The server's host name or address.</param>
    /// <param name="targetPort">The server's port; nothing needs to listen there yet.</param>
    /// <returns>The proxy, which accepts connections.</returns>
    public static Task<FaultProxy> StartAsync(string targetHost, int targetPort)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(targetHost);
        var proxy = new FaultProxy(targetHost, targetPort);
        proxy.AcceptAgain();
        return Task.FromResult(proxy);
    }

    /// <summary>Starts a proxy before a server.</summary>
    /// <param name="server">The server.</param>
    /// <returns>The proxy, which accepts connections.</returns>
    public static Task<FaultProxy> StartAsync(TestServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return StartAsync(server.Host, server.Port);
    }

    /// <summary>Delays all that arrives from now on, without limiting how much passes at a time.</summary>
    /// <param name="delay">How long each byte takes; zero ends the delay.</param>
    /// <param name="direction">One direction; null, the default, delays both by that time each.</param>
    public void Delay(TimeSpan delay, Direction? direction = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        var ticks = (long)(delay.TotalSeconds * Stopwatch.Frequency);
        if (direction != Direction.ToClient)
            Interlocked.Exchange(ref _delayTicks[(int)Direction.ToServer], ticks);
        if (direction != Direction.ToServer)
            Interlocked.Exchange(ref _delayTicks[(int)Direction.ToClient], ticks);
    }

    /// <summary>Holds all bytes; connections stay open, and new ones are accepted and held as well.</summary>
    public void Freeze()
    {
        lock (_sync)
            _frozen ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Accepts connections and throws away all that is sent, as behind a dead route.</summary>
    public void Blackhole() => _swallows = true;

    /// <summary>Ends <see cref="Freeze"/> and <see cref="Blackhole"/>: held bytes go on; connections that lost bytes are reset.</summary>
    public void Resume()
    {
        TaskCompletionSource? frozen;
        lock (_sync)
            (frozen, _frozen) = (_frozen, null);
        frozen?.TrySetResult();
        if (!_swallows)
            return;
        _swallows = false;
        foreach (var connection in Connections)
        {
            if (connection.LostBytes)
                connection.Reset();
        }
    }

    /// <summary>
    /// Cuts coming connections after so many bytes. Cuts queue up: each new connection takes the first that is left in each direction.
    /// </summary>
    /// <param name="direction">The direction whose bytes count, from the connection's first.</param>
    /// <param name="bytes">How many bytes pass, exactly; 0 cuts when the first arrives.</param>
    /// <param name="kind">How the connection ends.</param>
    /// <param name="connections">How many connections it applies to; 1 by default.</param>
    /// <returns>The cut, which tells when it happened.</returns>
    public ProxyCut CutAfter(Direction direction, long bytes, CutKind kind = CutKind.Reset, int connections = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(connections, 1);
        var cut = new ProxyCut(direction, bytes, kind);
        lock (_sync)
            _waitingCuts.Add((cut, connections));
        return cut;
    }

    /// <summary>Cuts each connection that is open now after so many more bytes.</summary>
    /// <param name="direction">The direction whose bytes count, from now.</param>
    /// <param name="bytes">How many bytes still pass; 0 cuts when the next arrives.</param>
    /// <param name="kind">How the connections end.</param>
    /// <returns>The cut, which tells when it happened first.</returns>
    public ProxyCut CutOpenAfter(Direction direction, long bytes, CutKind kind = CutKind.Reset)
    {
        var cut = new ProxyCut(direction, bytes, kind);
        foreach (var connection in Connections)
            connection.Arm(cut);
        return cut;
    }

    /// <summary>Takes back the cuts that wait for coming connections.</summary>
    public void ClearCuts()
    {
        lock (_sync)
            _waitingCuts.Clear();
    }

    /// <summary>Resets all open connections, on both sides.</summary>
    public void ResetAll()
    {
        foreach (var connection in Connections)
            connection.Reset();
    }

    /// <summary>Stops listening: new connections are refused, open ones stay.</summary>
    public void RefuseNewConnections()
    {
        lock (_sync)
        {
            _listener?.Dispose();
            _listener = null;
        }
    }

    /// <summary>Listens again on the same port.</summary>
    public void AcceptAgain()
    {
        lock (_sync)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_listener is not null)
                return;
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
            listener.Listen(512);
            _listener = listener;
            _accepting = AcceptAsync(listener);
        }
    }

    /// <summary>Sends coming connections to another server; open ones stay where they are.</summary>
    /// <param name="host">Its host name or address.</param>
    /// <param name="port">Its port.</param>
    public void Retarget(string host, int port)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        lock (_sync)
            _target = (host, port);
    }

    /// <summary>Stops listening and resets all connections.</summary>
    /// <returns>A task that ends when all connections are closed.</returns>
    /// <exception cref="InvalidOperationException"><see cref="Inspect"/> threw; its exception is the inner one.</exception>
    public async ValueTask DisposeAsync()
    {
        lock (_sync)
            _disposed = true;
        RefuseNewConnections();
        await _accepting.ConfigureAwait(false);
        while (!_connections.IsEmpty)
        {
            ResetAll();
            await Task.WhenAll(_connections.Values).ConfigureAwait(false);
        }

        _port.Dispose();
        if (_inspectError is { } error)
            throw new InvalidOperationException("The proxy's Inspect threw: " + error.Message, error);
    }

    internal ChunkVerdict Judge(ProxyChunk chunk)
    {
        try
        {
            return _inspect?.Invoke(chunk) ?? ChunkVerdict.Forward;
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _inspectError, e, null);
            return ChunkVerdict.CutBefore;
        }
    }

    internal bool Swallows => _swallows;

    internal long DelayTicks(Direction direction) => Interlocked.Read(ref _delayTicks[(int)direction]);

    internal void Count(Direction direction, int bytes) => Interlocked.Add(ref _bytes[(int)direction], bytes);

    internal async ValueTask WaitWhileFrozenAsync(CancellationToken cancellationToken)
    {
        while (_frozen is { } frozen)
            await frozen.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    internal void Forget(ProxyConnection connection) => _connections.TryRemove(connection, out _);

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            Open(client);
        }
    }

    private void Open(Socket client)
    {
        client.NoDelay = true;
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var connection = new ProxyConnection(this, Interlocked.Increment(ref _accepted), client, server);
        (string Host, int Port) target;
        lock (_sync)
        {
            target = _target;
            foreach (var direction in (Direction[])[Direction.ToServer, Direction.ToClient])
            {
                var index = _waitingCuts.FindIndex(waiting => waiting.Cut.Direction == direction);
                if (index < 0)
                    continue;
                var (cut, left) = _waitingCuts[index];
                connection.Arm(cut);
                if (left > 1)
                    _waitingCuts[index] = (cut, left - 1);
                else
                    _waitingCuts.RemoveAt(index);
            }
        }

        _connections[connection] = connection.ServeAsync(target.Host, target.Port);
        if (connection.Closed.IsCompleted)
            Forget(connection);
    }
}
