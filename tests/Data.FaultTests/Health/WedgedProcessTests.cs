using System.Diagnostics;
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
    private readonly string _report = Path.Combine(Path.GetTempPath(), $"data-wedge-{Guid.NewGuid():N}");
    private Process? _process;

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

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }

        File.Delete(_report);
    }

    private async Task<string> StartAsync(Wedge kind)
    {
        // Run by `dotnet X.dll` the assembly is the first argument; run by its own executable none is needed.
        string[] assembly = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ?
            [typeof(WedgedProcessScenario).Assembly.Location] :
            [];
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false
        };
        foreach (var word in (string[])[.. assembly, "-explicit", "only", "-method", typeof(WedgedProcessScenario).FullName + "."
            + nameof(WedgedProcessScenario.ServeUntilKilled)])
        {
            start.ArgumentList.Add(word);
        }

        start.Environment[WedgedProcessScenario.ReportVariable] = _report;
        start.Environment[WedgedProcessScenario.KindVariable] = kind.ToString();
        _process = Process.Start(start)!;
        var output = _process.StandardOutput.ReadToEndAsync(Cancellation);
        _ = _process.StandardError.ReadToEndAsync(Cancellation);
        while (!File.Exists(_report))
        {
            if (_process.HasExited)
                throw new InvalidOperationException("The process to be wedged failed: " + await output);
            await Task.Delay(20, Cancellation);
        }

        return await File.ReadAllTextAsync(_report, Cancellation);
    }

    private async Task WedgeAsync()
    {
        await _process!.StandardInput.WriteAsync('!');
        await _process.StandardInput.FlushAsync(Cancellation);
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
