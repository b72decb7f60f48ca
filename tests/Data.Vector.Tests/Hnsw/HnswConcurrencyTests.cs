using System.Collections.Concurrent;
using Data.Benchmarks.Vector;
using Data.Vector.Indexing;

namespace Data.Vector.Tests.Hnsw;

public sealed class HnswConcurrencyTests
{
    private const int Dimension = 16;

    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("DATA_TEST_SCALE"), out var scale) ? scale : 1;

    [Fact]
    public async Task AddDeleteSearch_ManyThreads_AddsAreFoundAtOnceAndDeletesNeverAgain()
    {
        var rows = 3_000 * Scale;
        var vectors = new VectorData("lat", Dimension, seed: 51).Base(rows * 3);
        using var index = GraphBuilder.Empty(Dimension, DistanceMetric.L2);
        var progress = new int[3];
        var writers = Enumerable.Range(0, 3)
            .Select(writer => Task.Run(() => Churn(index, vectors, writer * rows, rows, ref progress[writer])))
            .ToArray();
        var errors = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() => Read(index, vectors, errors, stop.Token))).ToArray();
        await FinishAsync(Task.WhenAll(writers), progress);
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        errors.ShouldBeEmpty();
        var live = writers.Sum(w => w.Result);
        index.Count.ShouldBe(live);
        index.SlotLimit.ShouldBeLessThan(rows * 3, "slots are reused");
        RecallMeter.Measure(index, vectors[..(200 * Dimension)], k: 10, efSearch: 80).ShouldBeGreaterThan(0.97);
    }

    [Fact]
    public void AddRange_InParallel_RecallIsThatOfOneThread()
    {
        var data = new VectorData("lat", 32, seed: 52);
        var rows = data.Base(4_000);
        using var one = GraphBuilder.Empty(32, DistanceMetric.L2);
        using var many = GraphBuilder.Empty(32, DistanceMetric.L2);
        one.AddRange(rows, new int[4_000], parallelism: 1);
        many.AddRange(rows, new int[4_000], parallelism: 8);
        var queries = data.Queries(200);
        var expected = RecallMeter.Measure(one, queries, k: 10, efSearch: 30);
        RecallMeter.Measure(many, queries, k: 10, efSearch: 30).ShouldBeGreaterThan(expected - 0.01);
    }

    // A deadlock shows as no progress, on a slow machine too; without this check the run hangs without a message.
    private static async Task FinishAsync(Task writers, int[] progress)
    {
        for (int[] before = []; !writers.IsCompleted; before = [.. progress])
        {
            await Task.WhenAny(writers, Task.Delay(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
            if (!writers.IsCompleted)
                before.SequenceEqual(progress).ShouldBeFalse($"Nobody wrote for a minute; rows written: {string.Join(", ", progress)}");
        }

        await writers;
    }

    // Keeps about a third of what it adds.
    private static int Churn(VectorIndex index, float[] vectors, int first, int count, ref int written)
    {
        var mine = new List<(int Slot, int Row)>();
        var found = new Neighbor[3];
        var random = new Random(first);
        for (var row = first; row < first + count; row++)
        {
            var vector = vectors.AsSpan(row * Dimension, Dimension);
            var slot = index.Add(vector);
            Volatile.Write(ref written, row - first + 1);
            mine.Add((slot, row));
            var n = index.Search(vector, 80, found);
            found[..n].ShouldContain(new Neighbor(slot, 0), "an added vector is found at once");
            if (random.Next(3) == 0)
                continue;
            var victim = random.Next(mine.Count);
            var (gone, goneRow) = mine[victim];
            mine.RemoveAt(victim);
            using var pin = index.Pin();
            index.Delete(gone).ShouldBeTrue();
            n = index.Search(vectors.AsSpan(goneRow * Dimension, Dimension), 80, found);
            found[..n].ShouldNotContain(f => f.Slot == gone, "a deleted vector is not found again");
        }

        return mine.Count;
    }

    private static void Read(VectorIndex index, float[] vectors, ConcurrentQueue<string> errors, CancellationToken stop)
    {
        var found = new Neighbor[10];
        var random = new Random(1);
        while (!stop.IsCancellationRequested)
        {
            var query = vectors.AsSpan(random.Next(vectors.Length / Dimension) * Dimension, Dimension);
            using var pin = index.Pin();
            var count = index.Search(query, 40, found);
            for (var i = 0; i < count; i++)
            {
                // Under the pin no slot is reused: the returned distance is that of the vector in the slot.
                var distance = 0f;
                var vector = index.GetVector(found[i].Slot);
                for (var d = 0; d < Dimension; d++)
                    distance += (vector[d] - query[d]) * (vector[d] - query[d]);
                if (MathF.Abs(distance - found[i].Distance) > 1e-3f * (1 + distance))
                    errors.Enqueue($"slot {found[i].Slot}: returned {found[i].Distance}, computed {distance}");
                if (i > 0 && found[i].CompareTo(found[i - 1]) <= 0)
                    errors.Enqueue("out of order");
            }
        }
    }
}
