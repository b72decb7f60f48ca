using Data.Vector.Storage;

namespace Data.Vector.Tests.Embedded;

public sealed class SnapshotTests
{
    private const int Dimensions = 16;
    private const long SmallJournal = 64 << 10;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(VectorIndexKind.Hnsw, DistanceMetric.Cosine)]
    [InlineData(VectorIndexKind.Flat, DistanceMetric.L2)]
    public async Task Open_AfterSnapshotAndMoreWrites_HoldsAllAndReplaysOnlyTheRest(VectorIndexKind index, DistanceMetric metric)
    {
        using var folder = new TemporaryFolder();
        IReadOnlyList<VectorMatch> before;
        await using (var store = Open(folder))
        {
            var collection = await store.CreateCollectionAsync("things", Shape(index, metric), Cancel);
            for (var round = 0; round < 10; round++)
            {
                await collection.UpsertAsync([.. Enumerable.Range(round * 80, 100).Select(i => Record(i, round))], Cancel);
                await collection.DeleteAsync([.. Enumerable.Range(round * 80, 5).Select(Id)], Cancel);
            }

            before = await collection.SearchAsync(Request(333), Cancel);
        }

        Directory.GetFiles(folder.Path, "snapshot-*.index", SearchOption.AllDirectories).Length.ShouldBe(1);
        Directory.GetFiles(folder.Path, "snapshot-*.records", SearchOption.AllDirectories).Length.ShouldBe(1);
        var journal = Directory.GetFiles(folder.Path, "journal-*.log", SearchOption.AllDirectories).ShouldHaveSingleItem();
        new FileInfo(journal).Length.ShouldBeLessThan(SmallJournal);

        for (var again = 0; again < 2; again++)
        {
            await using var reopened = Open(folder);
            var collection = await reopened.GetCollectionAsync("things", Cancel);
            (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(820 - 50);
            (await collection.GetAsync([Id(0), Id(4), Id(80)], cancellationToken: Cancel)).ShouldBeEmpty();
            var read = (await collection.GetAsync([Id(90)], cancellationToken: Cancel))[0];
            read.Vector.ToArray().ShouldBe(Record(90, 1).Vector.ToArray());
            read.Metadata!["round"].AsInt64().ShouldBe(1);
            (await collection.CountAsync(VectorFilter.Eq("round", 9), Cancel)).ShouldBe(95);
            var after = await collection.SearchAsync(Request(333), Cancel);
            after.Select(match => (match.Id, match.Distance)).ShouldBe(before.Select(match => (match.Id, match.Distance)));
        }
    }

    [Fact]
    public async Task Write_WhileSnapshotsAreTaken_LosesNothing()
    {
        using var folder = new TemporaryFolder();
        await using (var store = Open(folder))
        {
            var collection = await store.CreateCollectionAsync("things", Shape(VectorIndexKind.Hnsw, DistanceMetric.L2), Cancel);
            await Parallel.ForEachAsync(Enumerable.Range(0, 4), Cancel, async (worker, cancel) =>
            {
                for (var i = 0; i < 300; i++)
                    await collection.AddAsync([Record((worker * 1_000) + i, worker)], cancel);
            });
        }

        await using var again = Open(folder);
        var reopened = await again.GetCollectionAsync("things", Cancel);
        (await reopened.CountAsync(cancellationToken: Cancel)).ShouldBe(1_200);
    }

    [Fact]
    public async Task Open_AnyFileDamagedOrCutOrMissing_IsRefusedAndNamedAndNeverServed()
    {
        using var folder = new TemporaryFolder();
        await using (var store = Open(folder))
        {
            var collection = await store.CreateCollectionAsync("things", Shape(VectorIndexKind.Hnsw, DistanceMetric.L2), Cancel);
            await collection.AddAsync([.. Enumerable.Range(0, 120).Select(i => Record(i, 0))], Cancel);
            await store.DisposeAsync();
        }

        var files = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories)
            .Where(path => !path.EndsWith(".lock", StringComparison.Ordinal))
            .ToArray();
        files.Length.ShouldBe(5);
        foreach (var file in files)
        {
            var name = Path.GetFileName(file);
            var sound = await File.ReadAllBytesAsync(file, Cancel);
            var random = new Random(7);
            for (var i = 0; i < 40; i++)
            {
                var damaged = sound.ToArray();
                var at = i < 8 ? i * sound.Length / 8 : random.Next(sound.Length);
                damaged[at] ^= (byte)(1 << random.Next(8));
                await RefusedAsync(folder, file, damaged, $"{name} flipped at {at}");
                await RefusedAsync(folder, file, sound[..at], $"{name} cut to {at}");
            }

            if (name != CollectionManifest.FileName && name != CommitMark.FileName)
            {
                File.Delete(file);
                (await Should.ThrowAsync<VectorStoreCorruptException>(() => OpenCollectionAsync(folder), $"{name} missing")).Message
                    .ShouldContain(name);
            }

            await File.WriteAllBytesAsync(file, sound, Cancel);
        }

        (await OpenCollectionAsync(folder)).ShouldBe(120);
    }

    [Fact]
    public async Task Open_FiltersWereUsedBefore_BuildsTheirIndexesAgain()
    {
        using var folder = new TemporaryFolder();
        await using (var store = Open(folder))
        {
            var collection = await store.CreateCollectionAsync("things", Shape(VectorIndexKind.Flat, DistanceMetric.L2), Cancel);
            await collection.AddAsync([.. Enumerable.Range(0, 120).Select(i => Record(i, i % 3))], Cancel);
            (await collection.CountAsync(VectorFilter.And(VectorFilter.Eq("round", 1), VectorFilter.Gt("round", 0)), Cancel)).ShouldBe(40);
        }

        var manifest = CollectionManifest.Load(Directory.GetDirectories(folder.Path).ShouldHaveSingleItem());
        manifest.InvertedKeys.ShouldBe(["round"]);
        manifest.SortedKeys.ShouldBe(["round"]);
        await using var again = Open(folder);
        var reopened = await again.GetCollectionAsync("things", Cancel);
        await reopened.AddAsync([Record(500, 1)], Cancel);
        (await reopened.CountAsync(VectorFilter.Eq("round", 1), Cancel)).ShouldBe(41);
        await again.DisposeAsync();
        CollectionManifest.Load(Directory.GetDirectories(folder.Path).ShouldHaveSingleItem()).SortedKeys.ShouldBe(["round"]);
    }

    [Fact]
    public async Task Open_LeftoversOfACrash_AreRemoved()
    {
        using var folder = new TemporaryFolder();
        await using (var store = Open(folder))
        {
            var collection = await store.CreateCollectionAsync("things", Shape(VectorIndexKind.Flat, DistanceMetric.L2), Cancel);
            await collection.AddAsync([Record(1, 0)], Cancel);
        }

        var inside = Directory.GetDirectories(folder.Path).ShouldHaveSingleItem();
        string[] leftovers = [Path.Combine(inside, "snapshot-00000099.index.tmp"), Path.Combine(inside, "snapshot-00000099.records"), Path
            .Combine(inside, JournalSegment.FileName(0))];
        foreach (var leftover in leftovers)
            await File.WriteAllTextAsync(leftover, "half", Cancel);

        (await OpenCollectionAsync(folder)).ShouldBe(1);
        leftovers.ShouldAllBe(path => !File.Exists(path));
    }

    private static async Task RefusedAsync(TemporaryFolder folder, string file, byte[] content, string what)
    {
        // An index file stays mapped for a moment after its collection is closed: a new file, not a change of the old one.
        File.Delete(file);
        await File.WriteAllBytesAsync(file, content, Cancel);
        try
        {
            await using var store = Open(folder);
            var collection = await store.GetCollectionAsync("things", Cancel);

            // Between the sections of an index lies padding, which holds nothing: whatever opens must hold every record as it was.
            Path.GetExtension(file).ShouldBe(".index", what);
            var held = (await collection.GetAsync([.. Enumerable.Range(0, 120).Select(Id)], cancellationToken: Cancel)).ToArray();
            held.Length.ShouldBe(120, what);
            for (var i = 0; i < held.Length; i++)
                held[i].Vector.ToArray().ShouldBe(Record(i, 0).Vector.ToArray(), what);
        }
        catch (VectorStoreCorruptException refusal)
        {
            refusal.Message.ShouldContain(Path.GetFileName(file), Case.Sensitive, what);
        }
    }

    private static async Task<long> OpenCollectionAsync(TemporaryFolder folder)
    {
        await using var store = Open(folder);
        var collection = await store.GetCollectionAsync("things", Cancel);
        return await collection.CountAsync(cancellationToken: Cancel);
    }

    private static EmbeddedVectorStore Open(TemporaryFolder folder) =>
        new(new() { Path = folder.Path, SnapshotJournalBytes = SmallJournal });

    private static VectorCollectionOptions Shape(VectorIndexKind index, DistanceMetric metric) =>
        new() { Dimensions = Dimensions, Metric = metric, Index = index };

    private static string Id(int i) => $"r{i:0000}";

    private static VectorSearchRequest Request(int i) => new(Record(i, 3).Vector) { Top = 10, EfSearch = 200, Threshold = -1 };

    private static VectorRecord Record(int i, int round)
    {
        var random = new Random((i * 31) + round);
        return new VectorRecord(Id(i), Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() - 0.5f).ToArray())
        {
            Document = $"text {i}",
            Metadata = new() { ["round"] = round },
        };
    }
}
