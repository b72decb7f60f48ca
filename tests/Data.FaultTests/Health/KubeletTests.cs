using System.Globalization;
using Wedge = Data.FaultTests.Health.WedgedProcessScenario.Wedge;

namespace Data.FaultTests.Health;

/// <summary>
/// A real process under a prober that behaves as a kubelet: it is restarted whenever it deserves it, and never otherwise.
/// </summary>
/// <remarks>One round takes about three quarters of a minute; DATA_TEST_SCALE=40 makes that thirty minutes.</remarks>
public sealed class KubeletTests
{
    // A restart needs three failed probes; the rest is for a loaded machine and for the half second until a standstill is noticed.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(7);

    private static readonly int Scale = Math.Max(
        1, int.TryParse(Environment.GetEnvironmentVariable("DATA_TEST_SCALE"), CultureInfo.InvariantCulture, out var scale) ? scale : 1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Probe_ProcessesRuinedInEveryWay_RestartsThoseThatDeserveItAndNoOther()
    {
        for (var round = 0; round < Scale; round++)
        {
            // Every check blocks for good: a restart would not bring the dependency back.
            await using (var kubelet = await WatchAsync(Wedge.Dependencies, static process => process.RuinAsync()))
                await StaysAsync(kubelet, "its dependencies hang", ready: false);

            // Shorter than three periods.
            await using (var kubelet = await WatchAsync(Wedge.Pool, PauseAsync))
                await StaysAsync(kubelet, "it was paused for a moment", ready: true);

            await using (var kubelet = await WatchAsync(Wedge.Pool, static process => process.RuinAsync()))
                await IsRestartedAsync(kubelet, "no thread is left");
            await using (var kubelet = await WatchAsync(Wedge.Evaluation, static process => process.RuinAsync()))
                await IsRestartedAsync(kubelet, "the evaluation stands still");
            await using (var kubelet = await WatchAsync(Wedge.Pool, static process => process.SignalAsync("STOP")))
                await IsRestartedAsync(kubelet, "the process is frozen");
        }
    }

    private static async Task<Watch> WatchAsync(Wedge kind, Func<WedgedProcess, Task> ruin)
    {
        var process = await WedgedProcess.StartAsync(kind);
        var kubelet = new Kubelet(process.Address);
        var watch = new Watch(process, kubelet);
        await Data.TestServers.Eventually.BeAsync(() => kubelet.IsReady, "the process is ready");
        await ruin(process);
        return watch;
    }

    private static async Task PauseAsync(WedgedProcess process)
    {
        await process.SignalAsync("STOP");
        await Task.Delay(1.2 * Kubelet.Period, Cancellation);
        await process.SignalAsync("CONT");
    }

    private static async Task StaysAsync(Watch watch, string why, bool ready)
    {
        await Task.WhenAny(watch.Kubelet.Restart, Task.Delay(Watched, Cancellation));
        watch.Kubelet.Restart.IsCompleted.ShouldBeFalse($"{why}; failed probes: {watch.Kubelet.Probes}");
        watch.Kubelet.IsReady.ShouldBe(ready, why);
    }

    private static async Task IsRestartedAsync(Watch watch, string why)
    {
        await Task.WhenAny(watch.Kubelet.Restart, Task.Delay(Deadline, Cancellation));
        watch.Kubelet.Restart.IsCompleted.ShouldBeTrue($"{why}; failed probes: {watch.Kubelet.Probes}");
    }

    private sealed record Watch(WedgedProcess Process, Kubelet Kubelet) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Kubelet.DisposeAsync();
            await Process.DisposeAsync();
        }
    }
}
