using System.Diagnostics;
using Wedge = Data.FaultTests.Health.WedgedProcessScenario.Wedge;

namespace Data.FaultTests.Health;

/// <summary>A real process that serves its health until it is ruined on order.</summary>
internal sealed class WedgedProcess : IAsyncDisposable
{
    private readonly string _report;
    private readonly Process _process;

    private WedgedProcess(Process process, string report) => (_process, _report) = (process, report);

    /// <summary>Where it serves.</summary>
    public string Address { get; private set; } = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts a process and waits until it serves.</summary>
    public static async Task<WedgedProcess> StartAsync(Wedge kind)
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

        var report = Path.Combine(Path.GetTempPath(), $"data-wedge-{Guid.NewGuid():N}");
        start.Environment[WedgedProcessScenario.ReportVariable] = report;
        start.Environment[WedgedProcessScenario.KindVariable] = kind.ToString();
        var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancellation);
        _ = process.StandardError.ReadToEndAsync(Cancellation);
        var started = new WedgedProcess(process, report);
        while (!File.Exists(report))
        {
            if (process.HasExited)
            {
                await started.DisposeAsync();
                throw new InvalidOperationException("The process to be wedged failed: " + await output);
            }

            await Task.Delay(20, Cancellation);
        }

        started.Address = await File.ReadAllTextAsync(report, Cancellation);
        return started;
    }

    /// <summary>Orders it to ruin itself in the way of its kind.</summary>
    public async Task RuinAsync()
    {
        await _process.StandardInput.WriteAsync('!');
        await _process.StandardInput.FlushAsync(Cancellation);
    }

    /// <summary>SIGSTOP: the process is there and does nothing; SIGCONT lets it go on.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        File.Delete(_report);
    }
}
