using System.Text;
using Data.Vector;

namespace Data.FaultTests.Vector.Disk;

/// <summary>Flushes that fail, under the real calls, and power that fails between them.</summary>
public sealed class FlushFailureTests
{
    private const int Writes = 400;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(VectorDurability.Durable, 1)]
    [InlineData(VectorDurability.Durable, 3)]
    [InlineData(VectorDurability.Durable, 20)]
    [InlineData(VectorDurability.Durable, 60)]
    [InlineData(VectorDurability.Relaxed, 6)]
    public async Task Write_EveryFlushFailsFromSomeOnOn_NothingMoreIsAcknowledgedAndNothingRemoved(VectorDurability durability, int from)
    {
        Assert.SkipUnless(DiskTrace.IsPossible, "Needs strace, which makes the calls fail.");
        await InFolderAsync(async folder =>
        {
            var (calls, _) = await DiskTrace.RunAsync(folder, $"fsync:error=EIO:when={from}+", Arguments(folder, durability), Cancel);

            var first = calls.FindIndex(static call => call is { Name: "fsync", Failed: true });
            first.ShouldBeGreaterThanOrEqualTo(0);
            var told = calls.Skip(first).Where(static call => call.Name == "tell").Select(Line).ToArray();
            told.Count(static line => line.StartsWith(CrashWrite.Acknowledged, StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(1);
            told.ShouldContain(from < 3 ? nameof(DataVectorException) : nameof(VectorStoreReadOnlyException));
            CheckRemovals(calls);
        });
    }

    [Theory]
    [InlineData("snapshot-00000001.index.tmp")]
    [InlineData("snapshot-00000001.records.tmp")]
    [InlineData("collection.manifest.tmp")]
    [InlineData("journal-00000002.log.tmp")]
    [InlineData("")]
    public async Task Snapshot_FlushOfOneFileFails_StopsWritesAndKeepsTheJournal(string file)
    {
        Assert.SkipUnless(DiskTrace.IsPossible, "Needs strace, which makes the calls fail.");
        await InFolderAsync(async folder =>
        {
            // Filters by path see the descriptor's: the file, or the collection's folder for its names.
            var collection = Directory.GetDirectories(folder).ShouldHaveSingleItem();
            var path = Path.Combine(collection, file).TrimEnd('/');
            var when = file.Length == 0 ? ":when=2+" : "";

            var (calls, told) = await DiskTrace.RunAsync(
                folder,
                $"fsync:error=EIO{when}",
                Arguments(folder, VectorDurability.Durable, 20 * Writes),
                Cancel,
                path);

            calls.ShouldContain(static call => call.Name == "fsync" && call.Failed);
            told.ShouldContain(nameof(VectorStoreReadOnlyException));
            File.Exists(Path.Combine(collection, "journal-00000001.log")).ShouldBeTrue();
            var acknowledged = told.Count(static line => line.StartsWith(CrashWrite.Acknowledged, StringComparison.Ordinal));
            acknowledged.ShouldBeInRange(50, (20 * Writes) - 1);
            (await HeldAsync(folder)).ShouldBeGreaterThanOrEqualTo(acknowledged);
        });
    }

    [Fact]
    public async Task Open_AfterAFailedFlush_WritesAgainWhatMayBeInMemoryOnly()
    {
        Assert.SkipUnless(DiskTrace.IsPossible, "Needs strace, which makes the calls fail.");
        await InFolderAsync(async folder =>
        {
            var (failed, _) = await DiskTrace.RunAsync(
                folder, "fsync:error=EIO:when=20+", Arguments(folder, VectorDurability.Durable), Cancel);
            var unflushed = failed.Take(failed.FindIndex(static call => call.Failed)).Last(static call => call.IsJournal);

            var (calls, _) = await DiskTrace.RunAsync(folder, null, Arguments(folder, VectorDurability.Durable, 0), Cancel);

            var opened = calls.TakeWhile(static call => call.Name != "fsync");
            var again = opened.Where(static call => call.IsJournal && call.Data.Length > 0).ShouldHaveSingleItem();
            again.Path.ShouldBe(unflushed.Path);
            again.Number.ShouldBe(unflushed.Number);
            again.Data.ShouldBe(unflushed.Data);
        });
    }

    [Theory]
    [InlineData(VectorDurability.Durable)]
    [InlineData(VectorDurability.Relaxed)]
    public async Task Open_PowerCutAnywhere_HoldsEveryWriteThatWasPromised(VectorDurability durability)
    {
        Assert.SkipUnless(DiskTrace.IsPossible, "Needs strace, which records the calls.");
        await InFolderAsync(async folder =>
        {
            var disk = new CutDisk(folder);
            var (calls, _) = await DiskTrace.RunAsync(folder, null, Arguments(folder, durability), Cancel);
            calls.Count(static call => call.Name == "rename").ShouldBeGreaterThan(4, "no snapshot was taken");
            var random = new Random(7);
            var (begun, promised, acknowledged, states) = (0, 0, 0, 0);
            for (var i = 0; i < calls.Count; i++)
            {
                var call = calls[i];
                disk.Apply(call);
                if (call.Name == "tell")
                {
                    var line = Line(call);
                    begun += line.StartsWith(VectorChild.Begun, StringComparison.Ordinal) ? 1 : 0;
                    acknowledged += line.StartsWith(CrashWrite.Acknowledged, StringComparison.Ordinal) ? 1 : 0;
                    promised = durability == VectorDurability.Durable ? acknowledged : promised;
                }
                else if (call is { Name: "fsync", IsJournal: true })
                {
                    promised = Math.Max(promised, calls.Take(call.BegunAt).Count(static c =>
                        c.Name == "tell" && Line(c).StartsWith(CrashWrite.Acknowledged, StringComparison.Ordinal)));
                }

                // Around everything but the writes of the journal, which are many and alike, and now and then there.
                if (call.Name == "tell" || (call.IsJournal && random.Next(8) != 0))
                    continue;

                foreach (var kept in new[] { null, random, random })
                {
                    disk.CutTo(folder + ".cut", kept);
                    (await HeldAsync(folder + ".cut")).ShouldBeInRange(promised, begun, $"cut behind call {i}: {call.Name} {call.Path}");
                    states++;
                }
            }

            acknowledged.ShouldBe(Writes);
            states.ShouldBeGreaterThan(100);
            TestContext.Current.TestOutputHelper?.WriteLine($"{states} power cuts, {calls.Count} calls");
        });
    }

    private static string[] Arguments(string folder, VectorDurability durability, int writes = Writes) =>
        [VectorChild.Sequence, folder, durability.ToString(), $"{writes}"];

    private static string Line(DiskCall call) => Encoding.UTF8.GetString(call.Data).TrimEnd();

    /// <summary>Nothing of the collection is removed unless the manifest that no longer names it is on disk.</summary>
    private static void CheckRemovals(List<DiskCall> calls)
    {
        var safe = true;
        foreach (var call in calls)
        {
            if (call.Name == "rename" && call.Target.EndsWith("manifest", StringComparison.Ordinal))
                safe = false;
            else if (call is { Name: "fsync" } && !Path.HasExtension(call.Path))
                safe |= !call.Failed;
            else if (call.Name == "unlink" && !call.Path.EndsWith(".tmp", StringComparison.Ordinal))
                safe.ShouldBeTrue(call.Path);
        }
    }

    /// <summary>Returns how many of the writes a store holds, after checking that it holds all up to there.</summary>
    private static async Task<int> HeldAsync(string folder)
    {
        await using var store = new EmbeddedVectorStore(new() { Path = folder });
        var collection = await store.GetCollectionAsync(CrashLedger.Collection, Cancel);
        var versions = new Dictionary<string, int>(StringComparer.Ordinal);
        await foreach (var record in collection.StreamAsync(cancellationToken: Cancel))
            versions.Add(record.Id, (int)record.Metadata!["version"].AsInt64());

        var held = versions.Values.DefaultIfEmpty().Max();
        var expected = Enumerable.Range(1, held)
            .GroupBy(VectorChild.IdOf)
            .ToDictionary(static group => group.Key, static group => group.Max());
        versions.ShouldBe(expected, ignoreOrder: true);
        return held;
    }

    private static async Task InFolderAsync(Func<string, Task> test)
    {
        var root = Directory.CreateTempSubdirectory("data-vector-disk-");
        try
        {
            var folder = Path.Combine(root.FullName, "store");
            await using (var store = new EmbeddedVectorStore(new() { Path = folder }))
                await store.CreateCollectionAsync(CrashLedger.Collection, CrashLedger.Shape(folder), Cancel);

            await test(folder);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
