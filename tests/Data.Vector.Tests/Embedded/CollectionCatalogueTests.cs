using System.Diagnostics;
using System.Globalization;
using System.Text;
using Data.Vector.Storage;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace Data.Vector.Tests.Embedded;

/// <summary>Folders that are not as the store left them, and collections that are closed and opened again.</summary>
public sealed class CollectionCatalogueTests
{
    private static readonly VectorCollectionOptions Shape = new() { Dimensions = 4, Metric = DistanceMetric.L2 };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_CopyOfACollectionsFolder_IsSetAsideAndTheOthersOpen()
    {
        using var folder = new TemporaryFolder();
        var original = await FillAsync(folder, "things");
        var copy = Path.Combine(folder.Path, "a-copy");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(original))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));

        await using var store = Open(folder);

        (await store.ListCollectionsAsync(Cancel)).ShouldBe(["other", "things"]);
        await CheckAsync(store, "things");
        var damaged = (await store.ListDamagedCollectionsAsync(Cancel)).ShouldHaveSingleItem();
        damaged.Folder.ShouldBe("a-copy");
        damaged.Reason.Message.ShouldContain(Path.GetFileName(original));
        (await store.DeleteDamagedCollectionAsync(Path.GetFileName(original), Cancel)).ShouldBeFalse();
        (await store.DeleteDamagedCollectionAsync("a-copy", Cancel)).ShouldBeTrue();
        Directory.Exists(copy).ShouldBeFalse();
        (await store.ListDamagedCollectionsAsync(Cancel)).ShouldBeEmpty();
        await CheckAsync(store, "things");
    }

    [Fact]
    public async Task Open_FilesAndFoldersOfOthers_AreLeftAlone()
    {
        using var folder = new TemporaryFolder();
        var collection = await FillAsync(folder, "things");
        Directory.CreateDirectory(Path.Combine(folder.Path, "lost+found"));
        string[] foreign =
        [
            Path.Combine(folder.Path, "README.txt"),
            Path.Combine(folder.Path, "lost+found", "collection.txt"),
            Path.Combine(collection, "notes.tmp"),
            Path.Combine(collection, "snapshot-of-my-cat.jpg"),
            Path.Combine(collection, "journal-of-a-trip.txt"),
        ];
        foreach (var path in foreign)
            await File.WriteAllTextAsync(path, "mine", Cancel);

        await using (var store = Open(folder))
        {
            await CheckAsync(store, "things");
            (await store.ListDamagedCollectionsAsync(Cancel)).ShouldBeEmpty();
        }

        foreign.ShouldAllBe(static path => File.Exists(path));
    }

    [Theory]
    [InlineData("""{"Format":9,"Id":"not even that","Shards":[1,2]}""", "format 9", "up to 1")]
    [InlineData("""{"Format":1}""", "not that of a manifest", "collection.manifest")]
    [InlineData("[]", "not that of a manifest", "collection.manifest")]
    [InlineData(null, "missing", "collection.manifest")]
    [InlineData("", "checksum", "collection.manifest")]
    public async Task Open_ManifestUnknownDamagedOrMissing_IsReportedAndDeletableAndTheOthersOpen(string? json, string what, string named)
    {
        using var folder = new TemporaryFolder();
        var collection = await FillAsync(folder, "things");
        var manifest = Path.Combine(collection, CollectionManifest.FileName);
        File.Delete(manifest);
        if (json is not null)
        {
            var sum = Crc32C.Compute(Encoding.UTF8.GetBytes(json)).ToString("x8", CultureInfo.InvariantCulture);
            await File.WriteAllTextAsync(manifest, json.Length == 0 ? "?" : $"{json}\ncrc32c:{sum}\n", Cancel);
        }

        await using var store = Open(folder);

        (await store.ListCollectionsAsync(Cancel)).ShouldBe(["other"]);
        await CheckAsync(store, "other");
        Func<Task>[] calls =
            [() => store.GetCollectionAsync("things", Cancel), () => store.GetOrCreateCollectionAsync("things", Shape, Cancel)];
        foreach (var call in calls)
        {
            var refusal = await Should.ThrowAsync<VectorStoreCorruptException>(call);
            refusal.Message.ShouldContain(what);
            refusal.Message.ShouldContain(named);
        }

        (await store.ListDamagedCollectionsAsync(Cancel)).ShouldHaveSingleItem().Folder.ShouldBe(Path.GetFileName(collection));
        (await store.DeleteCollectionAsync("things", Cancel)).ShouldBeTrue();
        (await store.DeleteCollectionAsync("things", Cancel)).ShouldBeFalse();
        (await store.ListDamagedCollectionsAsync(Cancel)).ShouldBeEmpty();
        await store.CreateCollectionAsync("things", Shape, Cancel);
    }

    [Fact]
    public async Task Open_JournalDamaged_IsListedFromThenOnAndDeletable()
    {
        using var folder = new TemporaryFolder();
        var collection = await FillAsync(folder, "things");
        await File.WriteAllTextAsync(Path.Combine(collection, JournalSegment.FileName(1)), "?", Cancel);
        await using var store = Open(folder);
        (await store.ListDamagedCollectionsAsync(Cancel)).ShouldBeEmpty();
        await Should.ThrowAsync<VectorStoreCorruptException>(() => store.GetCollectionAsync("things", Cancel));

        var damaged = (await store.ListDamagedCollectionsAsync(Cancel)).ShouldHaveSingleItem();

        damaged.Collection.ShouldBe("things");
        damaged.Reason.Message.ShouldContain(JournalSegment.FileName(1));
        (await store.DeleteDamagedCollectionAsync(damaged.Folder, Cancel)).ShouldBeTrue();
        (await store.ListCollectionsAsync(Cancel)).ShouldBe(["other"]);
    }

    [Fact]
    public async Task Call_CollectionClosedWhileIdle_OpensItAgain()
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider();
        var options = new EmbeddedVectorStoreOptions { Path = folder.Path, CloseIdleAfter = TimeSpan.FromMinutes(1) };
        await using var store = new EmbeddedVectorStore(options, timeProvider: time);
        var collection = await store.CreateCollectionAsync("things", Shape, Cancel);
        await collection.AddAsync([Record(1)], Cancel);
        OpenFiles(folder).ShouldBe(2);

        time.Advance(TimeSpan.FromMinutes(1));
        OpenFiles(folder).ShouldBe(2);
        await using (var stream = collection.StreamAsync(cancellationToken: Cancel).GetAsyncEnumerator(Cancel))
        {
            (await stream.MoveNextAsync()).ShouldBeTrue();
            time.Advance(TimeSpan.FromMinutes(1));
            time.Advance(TimeSpan.FromMinutes(1));
            OpenFiles(folder).ShouldBe(2, "a stream that has begun keeps the collection open");
        }

        time.Advance(TimeSpan.FromMinutes(2));
        await UntilAsync(() => OpenFiles(folder) == 0);
        (await collection.SearchAsync(new(new float[] { 1, 1, 0, 0 }) { Top = 1 }, Cancel))[0].Id.ShouldBe("r1");
        await collection.AddAsync([Record(2)], Cancel);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(2);
        (await store.GetCollectionAsync("things", Cancel)).ShouldBeSameAs(collection);
    }

    [Fact]
    public async Task Call_CollectionClosedWhileItRuns_IsRepeated()
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider();
        using var generator = new WaitingGenerator();
        var options = new EmbeddedVectorStoreOptions { Path = folder.Path, CloseIdleAfter = TimeSpan.FromMinutes(1) };
        await using var store = new EmbeddedVectorStore(options, generator, timeProvider: time);
        var collection = await store.CreateCollectionAsync("things", Shape, Cancel);
        Func<Task>[] calls =
        [
            () => collection.AddAsync([new VectorRecord("a", "text")], Cancel),
            async () => (await collection.SearchAsync(new("text"), Cancel)).ShouldHaveSingleItem(),
            async () => (await collection.SearchAsync(new("text"), new VectorMatch[5], Cancel)).ShouldBe(1),
        ];
        foreach (var call in calls)
        {
            generator.Wait = new TaskCompletionSource();
            var running = call();
            for (var i = 0; i < 3; i++)
                time.Advance(TimeSpan.FromMinutes(1));

            await UntilAsync(() => OpenFiles(folder) == 0);
            generator.Wait.SetResult();
            await running;
        }

        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task Call_MoreCollectionsThanMayBeOpen_NoneFailsAndNothingIsLost()
    {
        using var folder = new TemporaryFolder();
        const int Collections = 6, Writes = 60;
        await using (var store = new EmbeddedVectorStore(
            new() { Path = folder.Path, MaxOpenCollections = 2, Durability = VectorDurability.Relaxed }))
        {
            await Parallel.ForAsync(0, Collections, Cancel, async (c, cancel) =>
            {
                var collection = await store.GetOrCreateCollectionAsync($"things-{c}", Shape, cancel);
                for (var i = 0; i < Writes; i++)
                {
                    await collection.AddAsync([Record(i)], cancel);
                    (await collection.SearchAsync(new(Record(i).Vector) { Top = 1 }, cancel))[0].Id.ShouldBe($"r{i}");
                    (await collection.CountAsync(cancellationToken: cancel)).ShouldBe(i + 1);
                }
            });
            OpenFiles(folder).ShouldBeLessThan(2 * Collections);
        }

        await using var again = Open(folder);
        foreach (var name in await again.ListCollectionsAsync(Cancel))
            (await (await again.GetCollectionAsync(name, Cancel)).CountAsync(cancellationToken: Cancel)).ShouldBe(Writes);
    }

    [Fact]
    public async Task Open_OneCollectionTakesLong_NoOtherAndNoProbeWaits()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A pipe in place of the journal makes opening wait.");
        using var folder = new TemporaryFolder();
        var slow = Path.Combine(await FillAsync(folder, "things"), JournalSegment.FileName(1));
        File.Delete(slow);
        using (var pipe = Process.Start("mkfifo", slow))
            await pipe.WaitForExitAsync(Cancel);

        await using var store = Open(folder);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var opening = store.GetCollectionAsync("things", patience.Token);

        await CheckAsync(store, "other");
        (await store.ListCollectionsAsync(Cancel)).ShouldBe(["other", "things"]);
        (await store.ValidateAsync(Cancel)).Succeeded.ShouldBeTrue();
        opening.IsCompleted.ShouldBeFalse();
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => opening);
        await using (File.OpenWrite(slow))
        {
            // The other end: what waits to read finds an empty journal, and nobody waits for that any more.
        }
    }

    [Fact]
    public async Task Create_ThousandsInMemory_TakesFewMappings()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Counts the mappings the way of Linux.");
        var before = Mappings();
        await using var store = new EmbeddedVectorStore(new());
        for (var i = 0; i < 2_000; i++)
            await (await store.CreateCollectionAsync($"things-{i}", Shape, Cancel)).AddAsync([Record(i)], Cancel);

        (Mappings() - before).ShouldBeLessThan(2_000 * 3);

        static int Mappings() => File.ReadLines("/proc/self/maps").Count();
    }

    [Fact]
    public async Task Statistics_Records_AreCountedAndGivenBack()
    {
        await using var store = new EmbeddedVectorStore(new());
        var collection = await store.CreateCollectionAsync("things", Shape, Cancel);
        (await store.GetStatisticsAsync("things", Cancel)).RecordBytes.ShouldBe(0);
        await collection.AddAsync([Record(1, new string('x', 10_000))], Cancel);
        var one = await store.GetStatisticsAsync("things", Cancel);
        one.RecordBytes.ShouldBeInRange(20_000, 21_000);
        one.TotalBytes.ShouldBe(one.RecordBytes + one.IndexBytes);

        await collection.UpdateAsync([new VectorRecordUpdate("r1") { Document = "y" }], Cancel);
        (await store.GetStatisticsAsync("things", Cancel)).RecordBytes.ShouldBeInRange(100, 1_000);
        await collection.UpsertAsync([Record(2, "z")], Cancel);
        await collection.DeleteAsync(["r1", "r2"], Cancel);
        (await store.GetStatisticsAsync("things", Cancel)).RecordBytes.ShouldBe(0);
    }

    private static async Task<string> FillAsync(TemporaryFolder folder, string name)
    {
        await using var store = Open(folder);
        foreach (var created in (string[])["other", name])
            await (await store.CreateCollectionAsync(created, Shape, Cancel)).AddAsync([Record(1)], Cancel);

        return Directory.GetDirectories(folder.Path, $"{name}-*").ShouldHaveSingleItem();
    }

    private static async Task CheckAsync(EmbeddedVectorStore store, string name)
    {
        var collection = await store.GetCollectionAsync(name, Cancel);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(1);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!condition() && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30))
            await Task.Delay(10, Cancel);

        condition().ShouldBeTrue();
    }

    /// <summary>The journals and marks that this process has open in a folder.</summary>
    private static int OpenFiles(TemporaryFolder folder)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Counts open files the way of Linux.");
        return new DirectoryInfo("/proc/self/fd").GetFiles()
            .Select(static file => file.LinkTarget ?? "")
            .Where(target => target.StartsWith(folder.Path, StringComparison.Ordinal))
            .Count(static target => target.Contains("journal", StringComparison.Ordinal));
    }

    private static EmbeddedVectorStore Open(TemporaryFolder folder) => new(new() { Path = folder.Path });

    private static VectorRecord Record(int i, string? document = null) =>
        new($"r{i}", new float[] { i, 1, 0, 0 }) { Document = document };

    private sealed class WaitingGenerator : IEmbeddingGenerator<string, Embedding<float>>
    {
        public TaskCompletionSource Wait { get; set; } = new();

        public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            await Wait.Task.WaitAsync(cancellationToken);
            return new GeneratedEmbeddings<Embedding<float>>(values.Select(static _ => new Embedding<float>(new float[] { 1, 2, 3, 4 })));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
