using System.Diagnostics;

namespace Data.Benchmarks.Runner;

/// <summary>Times two operations call by call in turns, for ratios of a few percent over a network on a shared machine.</summary>
/// <remarks>
/// Whole rounds after each other would compare two moments of a busy machine. Here calls alternate, which goes first alternates too, and
/// each side's median is taken: both see the same weather.
/// </remarks>
internal static class PairedRounds
{
    /// <summary>
    /// Returns a measure and a baseline for <see cref="BenchmarkRun.CompareAsync"/>: the medians of the same paired calls, in nanoseconds.
    /// </summary>
    public static (Func<Task<double>> Measure, Func<Task<double>> Baseline) Of(int calls, Func<int, Task> measure, Func<int, Task> baseline)
    {
        var times = new long[2][] { new long[calls], new long[calls] };
        var isFresh = new bool[2];
        return (() => TakeAsync(0), () => TakeAsync(1));

        async Task<double> TakeAsync(int side)
        {
            if (!isFresh[side])
            {
                await RunAsync();
                isFresh[0] = isFresh[1] = true;
            }

            isFresh[side] = false;
            Array.Sort(times[side]);
            return times[side][calls / 2] * (1e9 / Stopwatch.Frequency);
        }

        async Task RunAsync()
        {
            for (var call = 0; call < calls; call++)
            {
                for (var turn = 0; turn < 2; turn++)
                {
                    var side = (call + turn) % 2;
                    var start = Stopwatch.GetTimestamp();
                    await (side == 0 ? measure(call) : baseline(call));
                    times[side][call] = Stopwatch.GetTimestamp() - start;
                }
            }
        }
    }

    /// <summary>
    /// Returns the bytes a call allocates on all threads together, the least of several rounds: what else allocates meanwhile only adds.
    /// </summary>
    public static async Task<double> BytesPerCallAsync(int calls, Func<int, Task> operation)
    {
        var least = double.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var call = 0; call < calls; call++)
                await operation(call);

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)calls);
        }

        return least;
    }
}
