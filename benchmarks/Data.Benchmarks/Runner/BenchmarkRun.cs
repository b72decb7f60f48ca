using System.Diagnostics;

namespace Data.Benchmarks.Runner;

/// <summary>What a benchmark measures with: interleaved rounds, the median, and progress on standard error.</summary>
internal sealed class BenchmarkRun(IBenchmark benchmark, bool quick, CancellationToken cancellation)
{
    private readonly List<Measure> _measures = [];
    private readonly List<string> _notes = [];

    public bool Quick => quick;

    public CancellationToken Cancellation => cancellation;

    public IReadOnlyList<Measure> Measures => _measures;

    /// <summary>Lines for the report that are not judged: data, parameters, seeds, recall tables.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Measures and baseline take turns, which goes first alternates, and each round gives one ratio.</summary>
    public async Task<Measure> CompareAsync(
        string name,
        string unit,
        double limit,
        Direction direction,
        Func<Task<double>> measure,
        Func<Task<double>> baseline,
        int rounds = 7)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);
        await measure();
        await baseline();
        var values = new double[rounds];
        var baselines = new double[rounds];
        for (var round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            if (round % 2 == 0)
            {
                values[round] = await measure();
                baselines[round] = await baseline();
            }
            else
            {
                baselines[round] = await baseline();
                values[round] = await measure();
            }
        }

        return Compare(name, unit, limit, direction, values, baselines);
    }

    /// <summary>Judges the values of rounds that were measured elsewhere: each round gives one ratio.</summary>
    public Measure Compare(string name, string unit, double limit, Direction direction, double[] values, double[] baselines)
    {
        var ratios = values.Zip(baselines, (v, b) => v / b).Order().ToArray();
        return Add(new Measure(
            name,
            benchmark.Area,
            Median(values),
            Median(baselines),
            Median(ratios),
            unit,
            limit,
            direction,
            ratios.Length,
            Spread(ratios)));
    }

    /// <summary>A value that is judged by itself: bytes, counts, recall.</summary>
    public Measure Record(string name, string unit, double value, double limit, Direction direction) =>
        Add(new Measure(name, benchmark.Area, value, null, value, unit, limit, direction, 1, 0));

    public void Note(string line)
    {
        _notes.Add(line);
        Progress(line);
    }

    public void Progress(string text) => Console.Error.WriteLine($"  {benchmark.Area}/{benchmark.Name}: {text}");

    /// <summary>Nanoseconds per operation of <paramref name="batch"/>, which runs <paramref name="operations"/> of them.</summary>
    public static async Task<double> NanosecondsPerOperationAsync(int operations, Func<Task> batch)
    {
        var start = Stopwatch.GetTimestamp();
        await batch();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / operations;
    }

    /// <inheritdoc cref="NanosecondsPerOperationAsync"/>
    public static double NanosecondsPerOperation(int operations, Action batch)
    {
        var start = Stopwatch.GetTimestamp();
        batch();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / operations;
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double Spread(double[] sorted) =>
        sorted.Length < 4 ? sorted[^1] / sorted[0] - 1 : (sorted[sorted.Length * 3 / 4] - sorted[sorted.Length / 4]) / Median(sorted);

    private Measure Add(Measure measure)
    {
        _measures.Add(measure);
        Progress(Report.Line(measure));
        return measure;
    }
}
