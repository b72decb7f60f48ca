using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Data.Benchmarks.Runner;

/// <summary>Measures the benchmark methods of a class with BenchmarkDotNet, in this process, in rounds.</summary>
/// <remarks>
/// BenchmarkDotNet runs one method after the other, so on a shared machine a method and its baseline may see different moments. Several
/// short rounds give several ratios, of which the median is judged, as everywhere else. The first round only warms up: it takes the code
/// to the last tier of the compiler with what all methods have shown about the types in use.
/// </remarks>
internal sealed class MicroRounds
{
    private readonly BenchmarkRun _run;
    private readonly List<Summary> _rounds = [];

    private MicroRounds(BenchmarkRun run) => _run = run;

    /// <summary>Runs every method of <typeparamref name="T"/> in each round.</summary>
    /// <typeparam name="T">A public class with public methods that carry <c>[Benchmark]</c>.</typeparam>
    public static MicroRounds Of<T>(BenchmarkRun run, int rounds = 7)
    {
        var micro = new MicroRounds(run);
        for (var round = -1; round < rounds; round++)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            var summary = BenchmarkRunner.Run<T>(Settings());
            if (summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success))
                throw new InvalidOperationException($"BenchmarkDotNet could not run {typeof(T).Name}: {Faults(summary)}");
            if (round >= 0)
                micro._rounds.Add(summary);
        }

        return micro;
    }

    /// <summary>Judges the time of one method over that of another.</summary>
    public Measure Compare(string name, string method, string baseline, double limit, Direction direction = Direction.Max) =>
        _run.Compare(name, "ns", limit, direction, Nanoseconds(method), Nanoseconds(baseline));

    /// <summary>Judges the time of one operation by itself.</summary>
    public Measure RecordTime(string name, string method, double limit) =>
        _run.Record(name, "ns", BenchmarkRun.Median(Nanoseconds(method)), limit, Direction.Max);

    /// <summary>
    /// Judges the bytes that one operation allocates: the least of all rounds, as what else allocates meanwhile only adds.
    /// </summary>
    public Measure RecordAllocation(string name, string method, double limit) =>
        _run.Record(name, "B", _rounds.Min(round => Bytes(Report(round, method))), limit, Direction.Max);

    /// <summary>The mean nanoseconds of one operation, a value per round.</summary>
    public double[] Nanoseconds(string method) => [.. _rounds.Select(round => Report(round, method).ResultStatistics!.Mean)];

    private static BenchmarkReport Report(Summary round, string method) =>
        round.Reports.Single(report => report.BenchmarkCase.Descriptor.WorkloadMethod.Name == method);

    private static double Bytes(BenchmarkReport report) => report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0;

    private static string Faults(Summary summary) => string.Join("; ", summary.ValidationErrors.Select(error => error.Message));

    private static ManualConfig Settings() => ManualConfig.CreateEmpty()
        .AddJob(new Job()
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(2)
            .WithIterationCount(5)
            .WithIterationTime(TimeInterval.FromMilliseconds(100)))
        .AddDiagnoser(MemoryDiagnoser.Default)
        .AddColumnProvider(DefaultColumnProviders.Instance)
        .AddLogger(NullLogger.Instance)
        .WithOptions(ConfigOptions.DisableLogFile)
        .WithArtifactsPath(Path.Combine("artifacts", "bench", "micro"));
}
