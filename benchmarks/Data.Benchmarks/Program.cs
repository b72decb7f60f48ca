using System.Diagnostics;
using Data.Benchmarks.Runner;

const string Help = """
    bench.sh [--quick] [--list] [FILTER ...]

      --quick   the short form that CI runs (at most 10 minutes)
      --list    names the benchmarks and stops
      FILTER    runs those whose area/name contains it: cache, vector/search, ...

    Results: artifacts/bench/summary.json and summary.md. Ends with an error when a measure
    misses its limit by more than 25 % in three tries.
    """;

if (args.Contains("--help"))
{
    Console.WriteLine(Help);
    return 0;
}

if (args.FirstOrDefault(a => a.StartsWith('-') && a is not ("--quick" or "--list" or ChildProcess.Option)) is { } unknown)
{
    Console.Error.WriteLine($"Unknown option '{unknown}'.\n\n{Help}");
    return 2;
}

using var cancellation = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancellation.Cancel();
};

var quick = args.Contains("--quick");
if (args is [ChildProcess.Option, var file, var child, ..])
{
    await ChildProcess.RunAsync(All().Single(b => $"{b.Area}/{b.Name}" == child), quick, file, cancellation.Token);
    return 0;
}

var filters = args.Where(a => !a.StartsWith('-')).ToArray();
var benchmarks = All()
    .Where(b => !quick || b.Quick)
    .Where(b => filters.Length == 0 || filters.Any(f => $"{b.Area}/{b.Name}".Contains(f, StringComparison.OrdinalIgnoreCase)))
    .OrderBy(b => b.Area, StringComparer.Ordinal).ThenBy(b => b.Name, StringComparer.Ordinal)
    .ToArray();

if (args.Contains("--list"))
{
    foreach (var b in benchmarks)
        Console.WriteLine($"{b.Area}/{b.Name}{(b.Quick ? "  (quick)" : "")}");
    return 0;
}

if (benchmarks.Length == 0)
{
    Console.Error.WriteLine($"No benchmark matches {string.Join(", ", filters)}. See bench.sh --list.");
    return 2;
}

var measures = new List<Measure>();
var notes = new List<string>();
foreach (var (index, benchmark) in benchmarks.Index())
{
    Console.Error.WriteLine($"[{index + 1}/{benchmarks.Length}] {benchmark.Area}/{benchmark.Name}");
    var start = Stopwatch.GetTimestamp();
    var run = await Tries.RunAsync(benchmark, quick, cancellation.Token);
    measures.AddRange(run.Measures);
    notes.AddRange(run.Notes.Select(note => $"{benchmark.Area}/{benchmark.Name}: {note}"));
    Report.Write(Path.Combine("artifacts", "bench"), measures, notes, quick);
    Console.Error.WriteLine($"  {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s");
}

Console.WriteLine(File.ReadAllText(Path.Combine("artifacts", "bench", "summary.md")));
var missed = measures.Where(m => !m.WithinTolerance).ToArray();
foreach (var m in missed)
    Console.Error.WriteLine($"Missed by more than 25 %: {Report.Line(m)}");
return missed.Length == 0 ? 0 : 1;

static IEnumerable<IBenchmark> All() => typeof(IBenchmark).Assembly.GetTypes()
    .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IBenchmark)))
    .Select(t => (IBenchmark)Activator.CreateInstance(t)!);
