namespace Data.Vector.Tests.Embedded;

/// <summary>
/// What reads see while writers replace the records: every record that exists throughout, once, in a version between the last that was
/// acknowledged when the read began and the last that was begun when it ended, and both records of a write or neither.
/// </summary>
public sealed class ReadVisibilityTests
{
    private const int Pairs = 40, Dimensions = 8;
    private static readonly TimeSpan Load = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(VectorIndexKind.Hnsw, true)]
    [InlineData(VectorIndexKind.Hnsw, false)]
    [InlineData(VectorIndexKind.Flat, true)]
    [InlineData(VectorIndexKind.Flat, false)]
    public async Task Read_RecordsReplacedMeanwhile_MissesNoneAndSeesEachWriteWhole(VectorIndexKind index, bool moving)
    {
        await using var store = new EmbeddedVectorStore(new() { MaxDegreeOfParallelism = 2 });
        var collection = await store.CreateCollectionAsync(
            "things", new() { Dimensions = Dimensions, Metric = DistanceMetric.L2, Index = index }, Cancel);
        var begun = new int[Pairs];
        var acknowledged = new int[Pairs];
        for (var pair = 0; pair < Pairs; pair++)
            await collection.UpsertAsync(Write(pair, 0, moving), Cancel);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writers = Enumerable.Range(0, 2).Select(writer => Task.Run(async () =>
        {
            var random = new Random(writer);
            while (!stop.IsCancellationRequested)
            {
                var pair = (random.Next(Pairs / 2) * 2) + writer;
                var version = ++begun[pair];
                await collection.UpsertAsync(Write(pair, version, moving), Cancel);
                Volatile.Write(ref acknowledged[pair], version);
            }
        }, Cancel)).ToArray();
        var readers = Enumerable.Range(0, 2)
            .Select(reader => Task.Run(() => ReadAsync(collection, begun, acknowledged, reader), Cancel))
            .ToArray();

        await Task.WhenAll(readers);
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        begun.Sum().ShouldBeGreaterThan(200);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(2 * Pairs);
        (await collection.DeleteAsync(VectorFilter.Not(VectorFilter.Eq("state", "none")), Cancel)).ShouldBe(2 * Pairs);
    }

    [Fact]
    public async Task DeleteByFilter_RecordsThatMatchThroughoutAreRewritten_SkipsNone()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("things", new() { Dimensions = Dimensions, Metric = DistanceMetric.L2 }, Cancel);
        for (var round = 0; round < 30; round++)
        {
            for (var pair = 0; pair < Pairs; pair++)
                await collection.UpsertAsync(Write(pair, round, moving: true), Cancel);

            var rewriting = Task.Run(async () =>
            {
                // Updates, which a deletion ends: an upsert would add the record again.
                for (var pair = 0; pair < Pairs; pair++)
                {
                    try
                    {
                        var state = new VectorMetadata { ["state"] = pair % 2 == 0 ? "a" : "b", ["version"] = round };
                        await collection.UpdateAsync([new VectorRecordUpdate(Id(pair, 0)) { Metadata = state }], Cancel);
                    }
                    catch (VectorRecordNotFoundException)
                    {
                        // Deleted first.
                    }
                }
            }, Cancel);
            var deleted = await collection.DeleteAsync(VectorFilter.In("state", "b", "a"), Cancel);
            await rewriting;

            deleted.ShouldBe(2 * Pairs);
            (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(0);
        }
    }

    private static async Task ReadAsync(IVectorCollection collection, int[] begun, int[] acknowledged, int seed)
    {
        var random = new Random(100 + seed);
        var seen = new int[Pairs];
        var always = new[]
        {
            null,
            VectorFilter.In("state", "a", "b"),
            VectorFilter.Or(VectorFilter.Eq("state", "b"), VectorFilter.Eq("state", "a")),
            VectorFilter.Not(VectorFilter.And(VectorFilter.Eq("state", "a"), VectorFilter.Eq("state", "b"))),
            VectorFilter.And(VectorFilter.Gte("version", 0), VectorFilter.DocumentContains("text")),
        };
        var started = TimeProvider.System.GetTimestamp();
        for (var read = 0; TimeProvider.System.GetElapsedTime(started) < Load; read++)
        {
            var filter = always[random.Next(always.Length)];
            var pair = random.Next(Pairs);
            var before = acknowledged.Select((_, i) => Volatile.Read(ref acknowledged[i])).ToArray();
            var (what, versions) = await OneOfAllAsync(collection, filter, pair, random.Next(6));
            foreach (var (id, version) in versions)
            {
                var of = int.Parse(id.AsSpan(1, 3), System.Globalization.CultureInfo.InvariantCulture);
                version.ShouldBeInRange(Math.Max(before[of], seen[of]), Volatile.Read(ref begun[of]), $"{what} of {id}");
            }

            foreach (var (id, version) in versions)
            {
                var of = int.Parse(id.AsSpan(1, 3), System.Globalization.CultureInfo.InvariantCulture);
                seen[of] = Math.Max(seen[of], version);
            }
        }
    }

    private static async Task<(string What, Dictionary<string, int> Versions)> OneOfAllAsync(
        IVectorCollection collection, VectorFilter? filter, int pair, int kind)
    {
        var home = Home(pair, 0);
        switch (kind)
        {
            case 0:
                var nearest = await collection.SearchAsync(new(home) { Top = 2, Filter = filter }, Cancel);
                nearest.Select(static match => match.Id).Order().ToArray()
                    .ShouldBe(new[] { Id(pair, 0), Id(pair, 1) }, customMessage: $"search {filter}");
                return ("search", Same(nearest));
            case 1:
                var within = await collection.SearchRangeAsync(new(home, 20) { Filter = filter }, Cancel);
                within.Select(static match => match.Id).Order().ToArray()
                    .ShouldBe(new[] { Id(pair, 0), Id(pair, 1) }, customMessage: $"range {filter}");
                return ("range", Same(within));
            case 2:
                (await collection.CountAsync(filter, Cancel)).ShouldBe(2 * Pairs, $"count {filter}");
                return ("count", []);
            case 3:
                var got = await collection.GetAsync([Id(pair, 0)], cancellationToken: Cancel);
                return ("get", new() { [got.ShouldHaveSingleItem().Id] = (int)got[0].Metadata!["version"].AsInt64() });
            case 4:
                var all = await collection.SearchAsync(new(home) { Top = 3 * Pairs, Filter = filter, EfSearch = 200 }, Cancel);
                all.Select(static match => match.Id).Distinct().Count().ShouldBe(2 * Pairs, $"search of all {filter}");
                all.Count.ShouldBe(2 * Pairs);
                foreach (var two in all.GroupBy(static match => match.Id[..4]))
                    two.Select(static match => match.Metadata["version"].AsInt64()).Distinct().Count().ShouldBe(1, "half a write");

                return ("search of all", Versions(all));
            default:
                var streamed = 0;
                await foreach (var record in collection.StreamAsync(new() { Filter = filter }, Cancel))
                    streamed++;

                streamed.ShouldBe(2 * Pairs, $"stream {filter}");
                return ("stream", []);
        }
    }

    private static Dictionary<string, int> Same(IReadOnlyList<VectorMatch> matches)
    {
        matches[0].Metadata["version"].AsInt64().ShouldBe(matches[1].Metadata["version"].AsInt64(), "half a write");
        return Versions(matches);
    }

    private static Dictionary<string, int> Versions(IReadOnlyList<VectorMatch> matches) =>
        matches.ToDictionary(static match => match.Id, static match => (int)match.Metadata["version"].AsInt64());

    /// <summary>Two records that are near each other and far from all others, written together.</summary>
    private static VectorRecord[] Write(int pair, int version, bool moving) =>
        [.. Enumerable.Range(0, 2).Select(half => new VectorRecord(Id(pair, half), Home(pair, moving ? version : 0, half))
        {
            Document = "text",
            Metadata = new() { ["state"] = (version + pair) % 2 == 0 ? "a" : "b", ["version"] = version },
        })];

    private static string Id(int pair, int half) => $"p{pair:000}-{half}";

    private static float[] Home(int pair, int version, int half = 0)
    {
        var home = new float[Dimensions];
        home[pair % Dimensions] = 100 * (1 + (pair / Dimensions));
        home[(pair + 1) % Dimensions] = half + (version % 7 * 0.1f);
        return home;
    }
}
