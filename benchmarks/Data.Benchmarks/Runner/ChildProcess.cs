using System.Diagnostics;

namespace Data.Benchmarks.Runner;

/// <summary>Runs a benchmark in a process of its own.</summary>
/// <remarks>
/// The runtime optimises code by what has run before: in one process a benchmark would be measured on code that others have shaped, and
/// each of its tries on the same code.
/// </remarks>
internal static class ChildProcess
{
    /// <summary>Followed by the file for the result; then come the benchmark's area and name, and the other options.</summary>
    public const string Option = "--child";

    public static async Task<BenchmarkResult> RunAsync(IBenchmark benchmark, bool quick, CancellationToken cancellation)
    {
        var file = Path.GetTempFileName();
        try
        {
            List<string> arguments = [Option, file, $"{benchmark.Area}/{benchmark.Name}"];
            if (quick)
                arguments.Add("--quick");
            if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
                arguments.Insert(0, typeof(ChildProcess).Assembly.Location);

            // A signal of the terminal reaches both processes, and this one waits until the other has stopped its servers.
            using var process = Process.Start(Environment.ProcessPath!, arguments);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            return process.ExitCode == 0
                ? BenchmarkResult.Read(file)
                : throw new InvalidOperationException($"{benchmark.Area}/{benchmark.Name} ended with code {process.ExitCode}.");
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The other side: runs the benchmark and hands its result over.</summary>
    public static async Task RunAsync(IBenchmark benchmark, bool quick, string file, CancellationToken cancellation)
    {
        var run = new BenchmarkRun(benchmark, quick, cancellation);
        await benchmark.RunAsync(run);
        new BenchmarkResult(run.Measures, run.Notes).Write(file);
    }
}
