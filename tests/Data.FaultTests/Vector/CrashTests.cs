using Data.FaultTests.Processes;
using Data.Vector;

namespace Data.FaultTests.Vector;

/// <summary>Processes that write are killed; others find the folder taken, or the disk full.</summary>
/// <remarks>
/// One run kills 30 processes, half over each index, each with four concurrent writers and a snapshot after every 64 KiB of journal, at a
/// moment drawn anew: a fifth while the store is being opened. DATA_TEST_SCALE=20 makes that 600. Another seed draws other moments: the
/// writes are what the seed fixes, not the scheduler.
/// </remarks>
public sealed class CrashTests
{
    private const int Kills = 15;
    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("DATA_TEST_SCALE"), out var scale) ? scale : 1;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("hnsw")]
    [InlineData("flat")]
    public async Task Open_AfterKillAtAnyPoint_HoldsEveryAcknowledgedWriteAndNothingElse(string index)
    {
        var root = Directory.CreateTempSubdirectory("data-vector-crash-");
        try
        {
            var folder = Path.Combine(root.FullName, index);
            var ledger = new CrashLedger();
            var random = new Random(42);
            for (var kill = 0; kill < Kills * Scale; kill++)
            {
                await WriteAndKillAsync(folder, kill, ledger, random);
                await using var store = new EmbeddedVectorStore(new() { Path = folder });
                foreach (var name in await store.ListCollectionsAsync(Cancel))
                    await store.GetCollectionAsync(name, Cancel);

                await ledger.VerifyAsync(
                    await store.GetOrCreateCollectionAsync(CrashLedger.Collection, CrashLedger.Shape(folder), Cancel),
                    Cancel);
            }

            ledger.AcknowledgedWrites.ShouldBeGreaterThan(Kills * Scale);
            TestContext.Current.TestOutputHelper?.WriteLine($"{Kills * Scale} kills, {ledger.AcknowledgedWrites} acknowledged writes");
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Open_FolderHeldByAnotherProcess_IsRefusedUntilThatOneDies()
    {
        var root = Directory.CreateTempSubdirectory("data-vector-crash-");
        try
        {
            await using var holder = new ChildProcess(VectorChild.Argument, VectorChild.Hold, root.FullName);
            (await holder.ReadLineAsync(Cancel)).ShouldBe(VectorChild.Ready);
            await using (var store = new EmbeddedVectorStore(new() { Path = root.FullName }))
                await Should.ThrowAsync<VectorStoreLockedException>(() => store.ListCollectionsAsync(Cancel));

            await using (var other = new ChildProcess(VectorChild.Argument, VectorChild.Hold, root.FullName))
                (await other.ReadLineAsync(Cancel)).ShouldBe(VectorChild.Locked);

            await holder.DisposeAsync();
            await using var heir = new EmbeddedVectorStore(new() { Path = root.FullName });
            (await heir.ListCollectionsAsync(Cancel)).ShouldBeEmpty();
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Add_DiskFull_IsRefusedWholeAndGoesOnOnceThereIsRoom()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit of file sizes is set the way of Linux.");
        var root = Directory.CreateTempSubdirectory("data-vector-crash-");
        try
        {
            await using var child = new ChildProcess(VectorChild.Argument, VectorChild.Fill, root.FullName);
            var refused = await child.ReadLineAsync(Cancel);
            refused.ShouldNotBeNull().ShouldStartWith(VectorChild.Refused);
            (await child.ReadLineAsync(Cancel)).ShouldBe(VectorChild.Readable);
            (await child.ReadLineAsync(Cancel)).ShouldBe(VectorChild.Resumed);
            await child.DisposeAsync();

            await using var store = new EmbeddedVectorStore(new() { Path = root.FullName });
            var collection = await store.GetCollectionAsync(CrashLedger.Collection, Cancel);
            var written = int.Parse(refused.AsSpan(VectorChild.Refused.Length + 1), System.Globalization.CultureInfo.InvariantCulture);
            (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(written + 1);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Snapshot_DiskFull_LeavesTheStoreWritingAndIsTakenOnceThereIsRoom()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The limit of file sizes is set the way of Linux.");
        var root = Directory.CreateTempSubdirectory("data-vector-crash-");
        try
        {
            await using var child = new ChildProcess(VectorChild.Argument, VectorChild.FillSnapshot, root.FullName);
            (await child.ReadLineAsync(Cancel)).ShouldBe($"{VectorChild.Refused} True");
            (await child.ReadLineAsync(Cancel)).ShouldBe(VectorChild.Readable);
            var resumed = (await child.ReadLineAsync(Cancel)).ShouldNotBeNull();
            resumed.ShouldStartWith(VectorChild.Resumed);
            await child.DisposeAsync();

            Directory.GetFiles(root.FullName, "snapshot-*.index", SearchOption.AllDirectories).ShouldNotBeEmpty();
            await using var store = new EmbeddedVectorStore(new() { Path = root.FullName });
            var collection = await store.GetCollectionAsync(CrashLedger.Collection, Cancel);
            var written = int.Parse(resumed.AsSpan(VectorChild.Resumed.Length + 1), System.Globalization.CultureInfo.InvariantCulture);
            (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(written);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static async Task WriteAndKillAsync(string folder, int seed, CrashLedger ledger, Random random)
    {
        await using var child = new ChildProcess(
            VectorChild.Argument,
            VectorChild.Write,
            folder,
            seed.ToString(System.Globalization.CultureInfo.InvariantCulture));

        // Now and then while the store is being opened, else after some writes; then at any moment within the next ones.
        var lines = random.Next(5) == 0 ? 0 : random.Next(1, 400);
        for (var i = 0; i < lines && await child.ReadLineAsync(Cancel) is { } line; i++)
            ledger.Heard(line);

        await Task.Delay(random.Next(lines == 0 ? 300 : 4), Cancel);
        child.Kill();
        while (await child.ReadLineAsync(Cancel) is { } line)
            ledger.Heard(line);
    }
}
