using System.Runtime.InteropServices;
using Data.Vector;

namespace Data.FaultTests.Vector;

/// <summary>What runs in the process that a test kills, limits or locks out.</summary>
internal static class VectorChild
{
    public const string Argument = "vector-child";
    public const string Begun = "begun";
    public const string Sequence = "sequence", Write = "write", Hold = "hold", Fill = "fill", FillSnapshot = "fill-snapshot";
    public const string Ready = "ready", Locked = "locked", Refused = "refused", Readable = "readable", Resumed = "resumed";

    public static Task<int> RunAsync(string[] args) => args switch
    {
        [Write, var folder, var seed] => WriteAsync(folder, int.Parse(seed, System.Globalization.CultureInfo.InvariantCulture)),
        [Sequence, var folder, var durability, var writes] => SequenceAsync(
            folder,
            Enum.Parse<VectorDurability>(durability),
            int.Parse(writes, System.Globalization.CultureInfo.InvariantCulture)),
        [Hold, var folder] => HoldAsync(folder),
        [Fill, var folder] => FillAsync(folder),
        [FillSnapshot, var folder] => FillSnapshotAsync(folder),
        _ => Task.FromResult(2),
    };

    /// <summary>
    /// Writes from several workers at once, telling before each write what it will be and after it that it was acknowledged, until killed.
    /// </summary>
    private static async Task<int> WriteAsync(string folder, int seed)
    {
        using var told = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        var output = TextWriter.Synchronized(told);
        await using var store = new EmbeddedVectorStore(new() { Path = folder, SnapshotJournalBytes = 64 << 10 });
        var collection = await store.GetOrCreateCollectionAsync(CrashLedger.Collection, CrashLedger.Shape(folder));
        await output.WriteLineAsync(Ready);
        await Task.WhenAll(Enumerable.Range(0, CrashLedger.Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random((seed * CrashLedger.Workers) + worker);
            while (true)
            {
                var write = CrashWrite.Next(random, worker);
                await output.WriteLineAsync(write.ToLine());
                await write.RunAsync(collection);
                await output.WriteLineAsync($"{CrashWrite.Acknowledged} {worker}");
                if (worker == 0 && random.Next(20) == 0)
                {
                    // A collection that comes and goes, so that kills fall into that too.
                    await store.GetOrCreateCollectionAsync("passing", CrashLedger.Shape(folder));
                    await store.DeleteCollectionAsync("passing");
                }
            }
        })));
        return 0;
    }

    /// <summary>The id that the n-th write of a sequence replaces.</summary>
    public static string IdOf(int write) => $"r{write % 40}";

    /// <summary>Writes one record after the other, tells of each, and at a refusal tries once more and ends.</summary>
    private static async Task<int> SequenceAsync(string folder, VectorDurability durability, int writes)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        try
        {
            await using var store = new EmbeddedVectorStore(new()
            {
                Path = folder,
                SnapshotJournalBytes = 64 << 10,
                Durability = durability,
                FlushInterval = TimeSpan.FromMilliseconds(3),
            });
            var collection = await store.GetCollectionAsync(CrashLedger.Collection);
            for (var write = 1; write <= writes; write++)
            {
                await output.WriteLineAsync($"{Begun} {write}");
                try
                {
                    await collection.UpsertAsync([CrashWrite.Record(IdOf(write), write)]);
                    await output.WriteLineAsync($"{CrashWrite.Acknowledged} {write}");
                }
                catch (VectorStoreReadOnlyException refusal)
                {
                    await output.WriteLineAsync(refusal.GetType().Name);
                    writes = Math.Min(writes, write + 1);
                }
            }
        }
        catch (DataVectorException failure)
        {
            // Opening fails, or closing tells that the last writes are not safe.
            await output.WriteLineAsync(nameof(VectorStoreReadOnlyException) == failure.GetType().Name ? "closed" : failure.GetType().Name);
        }

        return 0;
    }

    private static async Task<int> HoldAsync(string folder)
    {
        await using var store = new EmbeddedVectorStore(new() { Path = folder });
        try
        {
            await store.ListCollectionsAsync();
            Console.WriteLine(Ready);
        }
        catch (VectorStoreLockedException)
        {
            Console.WriteLine(Locked);
            return 0;
        }

        await Console.In.ReadLineAsync();
        return 0;
    }

    /// <summary>Writes until files may not grow any more, reads, and writes again once they may.</summary>
    private static async Task<int> FillAsync(string folder)
    {
        // By default the signal that comes with the error ends the process.
        const int FileSizeSignal = 25;
        using var signal = PosixSignalRegistration.Create((PosixSignal)FileSizeSignal, static context => context.Cancel = true);
        await using var store = new EmbeddedVectorStore(new() { Path = folder });
        var collection = await store.GetOrCreateCollectionAsync(CrashLedger.Collection, CrashLedger.Shape(folder));
        FileSizeLimit.Set(200_000);
        var written = 0;
        try
        {
            while (true)
            {
                await collection.AddAsync([CrashWrite.Record($"full-{written}", 1)]);
                written++;
            }
        }
        catch (VectorStoreFullException)
        {
            Console.WriteLine($"{Refused} {written}");
        }

        var last = CrashWrite.Record($"full-{written - 1}", 1);
        var found = await collection.SearchAsync(new(last.Vector) { Top = 1 });
        var refused = await collection.GetAsync([$"full-{written}"]);
        if (found[0].Id == last.Id && refused.Count == 0 && await collection.CountAsync() == written)
            Console.WriteLine(Readable);

        FileSizeLimit.Set(ulong.MaxValue);
        await collection.AddAsync([CrashWrite.Record($"full-{written}", 1)]);
        Console.WriteLine(Resumed);
        return 0;
    }

    /// <summary>Writes while there is room for journal segments and none for snapshots, reads, and writes on once there is.</summary>
    private static async Task<int> FillSnapshotAsync(string folder)
    {
        const int FileSizeSignal = 25;
        using var signal = PosixSignalRegistration.Create((PosixSignal)FileSizeSignal, static context => context.Cancel = true);
        await using var store = new EmbeddedVectorStore(new() { Path = folder, SnapshotJournalBytes = 64 << 10 });
        var collection = await store.GetOrCreateCollectionAsync(CrashLedger.Collection, CrashLedger.Shape(folder));
        var written = 0;
        await AddAsync(1_000);

        // From here on journal segments fit, and snapshots do not. One that had begun is given the time to end.
        FileSizeLimit.Set(120_000);
        await Task.Delay(1_000);
        var before = Snapshots();
        await AddAsync(1_000);
        Console.WriteLine($"{Refused} {Snapshots() == before}");
        var last = CrashWrite.Record($"full-{written - 1}", 1);
        if ((await collection.SearchAsync(new(last.Vector) { Top = 1 }))[0].Id == last.Id && await collection.CountAsync() == written)
            Console.WriteLine(Readable);

        FileSizeLimit.Set(ulong.MaxValue);
        var deadline = DateTime.UtcNow.AddMinutes(1);
        while (Snapshots() == before && DateTime.UtcNow < deadline)
            await AddAsync(10);

        Console.WriteLine(Snapshots() == before ? "no snapshot" : $"{Resumed} {written}");
        return 0;

        string Snapshots() =>
            string.Join(';', Directory.GetFiles(folder, "snapshot-*.index", SearchOption.AllDirectories).Order(StringComparer.Ordinal));

        async Task AddAsync(int count)
        {
            for (var end = written + count; written < end; written++)
                await collection.AddAsync([CrashWrite.Record($"full-{written}", 1)]);
        }
    }
}
