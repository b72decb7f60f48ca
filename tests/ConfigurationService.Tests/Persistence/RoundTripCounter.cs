using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ConfigurationService.Tests.Persistence;

/// <summary>
/// Stands between the service and PostgreSQL and counts, per connection, how often the client speaks after the server has.
/// </summary>
internal sealed class RoundTripCounter : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, int> _turns = new();
    private readonly int _targetPort;
    private readonly Task _accepting;

    public RoundTripCounter(int targetPort)
    {
        _targetPort = targetPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Round trips of the busiest connection while something is done.</summary>
    public async Task<int> DuringAsync(Func<Task> work)
    {
        var before = _turns.ToDictionary();
        await work();
        return _turns.Max(turn => turn.Value - before.GetValueOrDefault(turn.Key));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        for (var id = 0; !_stop.IsCancellationRequested; id++)
        {
            try
            {
                _ = RelayAsync(id, await _listener.AcceptTcpClientAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                return;
            }
        }
    }

    private async Task RelayAsync(int id, TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        using (client)
        {
            await server.ConnectAsync(IPAddress.Loopback, _targetPort, _stop.Token);
            var serverSpoke = true;
            await Task.WhenAny(
                PumpAsync(client.GetStream(), server.GetStream(), () =>
                {
                    if (serverSpoke)
                        _turns.AddOrUpdate(id, 1, static (_, turns) => turns + 1);
                    serverSpoke = false;
                }),
                PumpAsync(server.GetStream(), client.GetStream(), () => serverSpoke = true));
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Action seen)
    {
        var buffer = new byte[65_536];
        try
        {
            while (await from.ReadAsync(buffer, _stop.Token) is > 0 and var read)
            {
                seen();
                await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // One side has gone: the relay ends with it.
        }
    }
}
