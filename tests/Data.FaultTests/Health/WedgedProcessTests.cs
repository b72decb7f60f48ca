using System.Diagnostics;
using System.Text.Json;
using Data.TestServers;
using Wedge = Data.FaultTests.Health.WedgedProcessScenario.Wedge;

namespace Data.FaultTests.Health;

/// <summary>
/// What an orchestrator sees of a real process that is ruined. A prober has a time-out: a wedged process has failed its probe when it says
/// 503 and also when it says nothing within that time.
/// </summary>
public sealed class WedgedProcessTests : IAsyncDisposable
{
    // Generous for a loaded machine: a healthy answer takes a millisecond.
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    // Like an orchestrator's, each probe has a connection of its own.
    private readonly HttpClient _client = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero })
    {
        Timeout = ProbeTimeout
    };
    private WedgedProcess? _process;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Live_EveryPoolThreadBlocked_FailsForAProberWithATimeOut()
    {
        var address = await StartAsync(Wedge.Pool);
        (await ProbeAsync(address, "/health/live")).ShouldBe(200);
        await WedgeAsync();
        await SeeAsync(address, "/health/live", status => status != 200);
        (await ProbeAsync(address, "/health/live")).ShouldNotBe(200, "once wedged it never looks alive again");
    }

    [Fact]
    public async Task Live_EvaluationBlocked_Answers503()
    {
        var address = await StartAsync(Wedge.Evaluation);
        (await ProbeAsync(address, "/health/live")).ShouldBe(200);
        await WedgeAsync();
        await SeeAsync(address, "/health/live", status => status == 503);

        // Results that nobody renews are not believed, from a while after their next renewal was due.
        await SeeAsync(address, "/health", status => status == 503);
    }

    [Fact]
    public async Task Live_EveryCheckBlocksItsThread_StaysGoodWhileReadinessFails()
    {
        var address = await StartAsync(Wedge.Dependencies);
        await SeeAsync(address, "/health/ready", status => status == 200);
        await WedgeAsync();
        var probes = 0;
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(4); probes++)
        {
            (await ProbeAsync(address, "/health/live")).ShouldBe(200, $"probe {probes + 1}");
            await Task.Delay(50, Cancellation);
        }

        await SeeAsync(address, "/health/ready", status => status == 503);
        (await ProbeAsync(address, "/health/live")).ShouldBe(200);
    }

    [Fact]
    public async Task Health_PoolStarvedForAWhile_BlamesThePoolAndNoDependency()
    {
        var address = await StartAsync(Wedge.Starvation);
        await SeeAsync(address, "/health/ready", status => status == 200);
        await WedgeAsync();
        await SeeAsync(address, "/health/live", status => status == 0);
        await SeeAsync(address, "/health/live", status => status == 200);

        await Eventually.BeAsync(
            async () => (await ReasonsAsync(address, "thread-pool")).Contains("thread_pool_starved", StringComparer.Ordinal),
            "the starvation is told");
        (await ReasonsAsync(address, "dependency-0")).ShouldBe(["ok"], "it answered all the time");
        (await ReasonsAsync(address, "dependency-1")).ShouldBe(["ok"]);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
    }

    private async Task<string> StartAsync(Wedge kind) => (_process = await WedgedProcess.StartAsync(kind)).Address;

    private Task WedgeAsync() => _process!.RuinAsync();

    /// <summary>The reasons of all changes of a contributor.</summary>
    private async Task<IEnumerable<string?>> ReasonsAsync(string address, string contributor)
    {
        var page = JsonElement.Parse(await _client.GetStringAsync(address + "/health/ui/data", Cancellation));
        return page.GetProperty("contributors").EnumerateArray().Single(c => c.GetProperty("name").GetString() == contributor)
            .GetProperty("changes").EnumerateArray().Select(c => c.GetProperty("reason").GetString());
    }

    private async Task SeeAsync(string address, string path, Func<int, bool> expected)
    {
        for (var watch = Stopwatch.StartNew(); !expected(await ProbeAsync(address, path));)
        {
            watch.Elapsed.ShouldBeLessThan(Patience, path);
            await Task.Delay(50, Cancellation);
        }
    }

    /// <summary>The status, or 0 for no answer within the prober's time.</summary>
    private async Task<int> ProbeAsync(string address, string path)
    {
        try
        {
            using var response = await _client.GetAsync(address + path, Cancellation);
            return (int)response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !Cancellation.IsCancellationRequested)
        {
            return 0;
        }
    }
}
