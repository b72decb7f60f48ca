using System.Diagnostics;

namespace Data.FaultTests.Health;

/// <summary>
/// Probes liveness and readiness as a kubelet does: once a second, each time on a connection of its own, with a time-out of one second, and
/// three failures in a row for a restart.
/// </summary>
internal sealed class Kubelet : IAsyncDisposable
{
    public const int FailureThreshold = 3;
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private readonly HttpClient _client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = Timeout };
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<TimeSpan> _restart = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Task _probing;
    private int _failures;
    private int _probes;
    private volatile bool _ready;

    public Kubelet(string address) => _probing = Task.WhenAll(LiveAsync(address), ReadyAsync(address));

    /// <summary>Ends when it would restart the process; gives the time since it began.</summary>
    public Task<TimeSpan> Restart => _restart.Task;

    /// <summary>Whether the last readiness probe succeeded.</summary>
    public bool IsReady => _ready;

    /// <summary>Number of liveness probes, and of those that failed.</summary>
    public (int All, int Failed) Probes => (_probes, _failures);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _probing;
        _stop.Dispose();
        _client.Dispose();
    }

    private Task LiveAsync(string address)
    {
        var failed = 0;
        return ProbeAsync(address + "/health/live", good =>
        {
            _probes++;
            _failures += good ? 0 : 1;
            failed = good ? 0 : failed + 1;
            if (failed == FailureThreshold)
                _restart.TrySetResult(_watch.Elapsed);
        });
    }

    private Task ReadyAsync(string address) => ProbeAsync(address + "/health/ready", good => _ready = good);

    private async Task ProbeAsync(string address, Action<bool> seen)
    {
        using var period = new PeriodicTimer(Period);
        while (!_stop.IsCancellationRequested)
        {
            seen(await IsGoodAsync(address));
            try
            {
                await period.WaitForNextTickAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<bool> IsGoodAsync(string address)
    {
        try
        {
            using var response = await _client.GetAsync(address, CancellationToken.None);
            return (int)response.StatusCode is >= 200 and < 400;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
