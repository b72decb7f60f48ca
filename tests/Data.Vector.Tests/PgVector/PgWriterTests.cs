using Data.TestServers;
using Data.Vector.PgVector;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Data.Vector.Tests.PgVector;

public sealed class PgWriterTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Write_CharacterZero_IsRefusedWithIdAndPosition()
    {
        var bench = await PgVectorBench.OpenAsync();
        var collection = await bench.Store.CreateCollectionAsync("things", new() { Dimensions = 1, Metric = DistanceMetric.L2 }, Cancel);
        var vector = new float[] { 1 };
        VectorRecord[] malformed =
        [
            new("b\0", vector),
            new("b", vector) { Document = "x\0" },
            new("b", vector) { Metadata = new() { ["k"] = "\0" } },
            new("b", vector) { Metadata = new() { ["\0"] = 1 } },
            new("b", vector) { Metadata = new() { ["k"] = new[] { "x", "\0" } } },
        ];
        foreach (var record in malformed)
        {
            var refused = await Should.ThrowAsync<VectorInputException>(
                () => collection.AddAsync([new VectorRecord("a", vector), record], Cancel));
            (refused.RecordId, refused.Position).ShouldBe((record.Id, 1));
            refused.Message.ShouldContain("U+0000");
            refused.Message.ShouldNotContain("\0");
        }

        await collection.AddAsync([new VectorRecord("a", vector)], Cancel);
        await Should.ThrowAsync<VectorInputException>(
            () => collection.UpdateAsync([new VectorRecordUpdate("a") { Document = "\0" }], Cancel));
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task Add_SeveralBatchesOfWhichTheLastFails_WritesNothing()
    {
        var bench = await PgVectorBench.OpenAsync();
        var collection = await bench.Store.CreateCollectionAsync(
            "things",
            new() { Dimensions = 1, Metric = DistanceMetric.L2, Index = VectorIndexKind.Flat },
            Cancel);
        await collection.AddAsync([new VectorRecord("r2500", new float[] { 7 })], Cancel);
        VectorRecord[] records = [.. Enumerable.Range(0, 2_501).Select(i => new VectorRecord($"r{i:0000}", new float[] { i }))];

        var refused = await Should.ThrowAsync<VectorRecordExistsException>(() => collection.AddAsync(records, Cancel));

        refused.Ids.ShouldBe(["r2500"]);
        (await collection.CountAsync(cancellationToken: Cancel)).ShouldBe(1);

        await collection.UpsertAsync(records, Cancel);
        (await FirstAsync("r2500", "r1000", "r0999")).ShouldBe([2500f, 1000f, 999f]);
        VectorRecordUpdate[] updates = [.. records.Select(record => new VectorRecordUpdate(record.Id) {
            Vector = record.Vector.Span[0] % 2 == 0 ? new float[] { -record.Vector.Span[0] } : default, Document = "d" })];
        await Should.ThrowAsync<VectorRecordNotFoundException>(
            () => collection.UpdateAsync([.. updates, new VectorRecordUpdate("r9999") { Document = "x" }], Cancel));
        (await collection.CountAsync(VectorFilter.DocumentContains("d"), Cancel)).ShouldBe(0);
        await collection.UpdateAsync(updates, Cancel);
        (await FirstAsync("r2500", "r0999", "r1000")).ShouldBe([-2500f, 999f, -1000f]);

        async Task<IEnumerable<float>> FirstAsync(params string[] ids) =>
            (await collection.GetAsync(ids, true, Cancel)).Select(record => record.Vector.Span[0]);
    }

    [Fact]
    public async Task Write_HugeRecord_ComesBackAsItWas()
    {
        var bench = await PgVectorBench.OpenAsync();
        var shape = new VectorCollectionOptions { Dimensions = 3, TextIndex = VectorTextIndex.Always };
        var collection = await bench.Store.CreateCollectionAsync("things", shape, Cancel);
        var text = string.Concat(Enumerable.Range(0, 400_000).Select(i => $"{i:x} "));
        var metadata = new VectorMetadata
        {
            ["text"] = text[..1_000_000],
            ["list"] = Enumerable.Range(0, 20_000).Select(i => (long)i).ToArray(),
        };
        for (var i = 0; i < 200; i++)
            metadata[new string('k', 250) + i] = i;

        var id = string.Concat(Enumerable.Repeat("語", 512));
        await collection.UpsertAsync([new VectorRecord(id, new float[] { 1, 2, 3 }) { Document = text, Metadata = metadata }], Cancel);

        var read = (await collection.GetAsync([id], true, Cancel)).ShouldHaveSingleItem();
        read.Document.ShouldBe(text);
        read.Metadata!.Count.ShouldBe(202);
        read.Metadata!["list"].AsInt64s().Length.ShouldBe(20_000);
        (await collection.CountAsync(VectorFilter.Contains("list", 19_999) & VectorFilter.DocumentContains("61a7f"), Cancel)).ShouldBe(1);
    }

    // The extension's server has one session. What follows runs the same statements on a PostgreSQL without the extension, whose
    // vectors are arrays: the locks are its own.
    [Fact]
    public async Task Write_ManyCallersInOppositeOrders_EndWithoutDeadlocksAndWithWholeCalls()
    {
        await using var source = NpgsqlDataSource.Create(await PlainAsync());
        string[] ids = [.. Enumerable.Range(0, 200).Select(i => $"r{i:000}")];

        // The rows lie in the table in the opposite order of their ids, and a victim of a deadlock is not repeated.
        foreach (var id in ids.Reverse())
            await Writer(source).UpsertAsync([Record(id, 0)], Cancel);

        await Task.WhenAll(Enumerable.Range(1, 16).Select(caller => Task.Run(async () =>
        {
            var writer = new PgWriter(Table, Database(source, retries: 0));
            var order = caller % 2 == 0 ? ids : [.. ids.Reverse()];
            for (var round = 0; round < 10; round++)
            {
                switch ((caller + round) % 3)
                {
                    case 0:
                        await writer.UpsertAsync([.. order.Select(id => Record(id, caller))], Cancel);
                        break;
                    case 1:
                        await writer.DeleteAsync([.. order, "nobody"], Cancel);
                        break;
                    default:
                        try
                        {
                            await writer.UpdateAsync(
                                [.. order.Select(id => new VectorRecordUpdate(id) { Document = $"{caller}" })],
                                Cancel);
                        }
                        catch (VectorRecordNotFoundException missing)
                        {
                            // A delete is a whole call, too.
                            missing.Ids.Count.ShouldBe(ids.Length);
                        }

                        break;
                }
            }
        })));

        (await new PgReader(Table, Database(source)).CountAsync(null, Cancel)).ShouldBeOneOf(0L, ids.Length);
    }

    [Fact]
    public async Task Add_SameIdsFromManyCallers_IsDoneByOneAndRefusedToTheOthers()
    {
        await using var source = NpgsqlDataSource.Create(await PlainAsync());
        string[] ids = [.. Enumerable.Range(0, 50).Select(i => $"r{i:000}")];

        var added = await Task.WhenAll(Enumerable.Range(1, 16).Select(caller => Task.Run(async () =>
        {
            try
            {
                await Writer(source).AddAsync([.. ids.Select(id => Record(id, caller))], Cancel);
                return caller;
            }
            catch (VectorRecordExistsException refused)
            {
                refused.Ids.ShouldBe(ids);
                return 0;
            }
        })));

        var winner = added.Where(caller => caller > 0).ShouldHaveSingleItem();
        var read = await new PgReader(Table, Database(source)).GetAsync(ids, true, Cancel);
        read.Count.ShouldBe(50);
        read.ShouldAllBe(record => record.Document == $"{winner}" && record.Vector.ToArray()[0] == winner);
    }

    [Fact]
    public async Task Write_TransactionThatIsADeadlocksVictim_IsRepeated()
    {
        // The call looks for a deadlock after this time, when the other one waits already; the other one does not look.
        await using var source = NpgsqlDataSource.Create(await PlainAsync() + ";Options=-c deadlock_timeout=2s");
        await Writer(source).UpsertAsync([Record("a", 0), Record("b", 0)], Cancel);
        await using var other = await source.OpenConnectionAsync(Cancel);
        await ExecuteAsync(other, "SET deadlock_timeout = '10min'");
        await ExecuteAsync(other, "BEGIN");
        await ExecuteAsync(other, "UPDATE vectors.things SET document = 'other' WHERE id = 'b'");

        var write = Writer(source).UpsertAsync([Record("a", 1), Record("b", 1)], Cancel);
        await Eventually.BeAsync(async () => await ScalarAsync(
            source,
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") is > 0L);
        await ExecuteAsync(other, "UPDATE vectors.things SET document = 'other' WHERE id = 'a'");
        await ExecuteAsync(other, "COMMIT");
        await write;

        (await new PgReader(Table, Database(source)).GetAsync(["a", "b"], false, Cancel)).Select(record => record.Document)
            .ShouldBe(["1", "1"]);
    }

    private static PgTable Table { get; } = new(
        "things",
        "vectors",
        "things",
        new() { Dimensions = 2, Metric = DistanceMetric.L2, Index = VectorIndexKind.Flat },
        new PgExtension("vectors", new Version(0, 8)));

    private static async Task<string> PlainAsync()
    {
        var connection = await (await SharedServers.PostgresAsync()).CreateDatabaseAsync(cancellationToken: Cancel);
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand("""
            CREATE SCHEMA vectors;
            CREATE DOMAIN vectors.vector AS real[];
            CREATE TABLE vectors.things (id text COLLATE "C" PRIMARY KEY, embedding vectors.vector, document text, metadata jsonb);
            """);
        await command.ExecuteNonQueryAsync(Cancel);
        return connection;
    }

    private static PgDatabase Database(NpgsqlDataSource source, int retries = 2) =>
        new(source, new() { MaxRetryAttempts = retries }, tenant: null, TimeProvider.System, NullLogger.Instance);

    private static PgWriter Writer(NpgsqlDataSource source) => new(Table, Database(source));

    private static VectorRecord Record(string id, int caller) =>
        new(id, new float[] { caller, 1 }) { Document = $"{caller}", Metadata = new() { ["caller"] = caller } };

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task<object?> ScalarAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancel);
    }
}
