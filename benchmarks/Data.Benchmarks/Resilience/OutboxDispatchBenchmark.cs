using System.Diagnostics;
using Data.Benchmarks.Runner;
using Data.Resilience.Outbox;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Benchmarks.Resilience;

/// <summary>Messages dispatched to a publisher that does nothing, over bare loops of SELECT … SKIP LOCKED and DELETE, with as many
/// connections.</summary>
internal sealed class OutboxDispatchBenchmark : IBenchmark
{
    private const int Messages = 20_000;
    private const int Batch = 100;

    public string Area => "resilience";

    public string Name => "outbox-dispatch";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        foreach (var connections in (int[])[1, 8])
        {
            var publisher = new BenchPublisher();
            await using var bench = await SessionBench.StartAsync(build: builder =>
            {
                builder.Services.AddSingleton(publisher);
                builder.AddOutbox<BenchPublisher>(options =>
                {
                    options.MaxConcurrentLanes = connections;
                    options.BatchSize = Batch;
                });
            });
            await OutboxBench.CreateTablesAsync(bench.ConnectionString);
            await OutboxBench.ExecuteAsync(
                bench.ConnectionString,
                "CREATE TABLE queue (id bigint PRIMARY KEY, message_id uuid, topic text, key text, payload bytea)");
            await run.CompareAsync(
                $"Outbox dispatched over bare loops on {connections} connection(s)",
                "messages/s",
                limit: 0.9,
                Direction.Min,
                () => DispatchAsync(bench, publisher),
                () => LoopAsync(bench, connections),
                rounds: 7);
        }
    }

    private static async Task FillQueueAsync(SessionBench bench)
    {
        await OutboxBench.ExecuteAsync(bench.ConnectionString, "TRUNCATE queue");
        await OutboxBench.ExecuteAsync(
            bench.ConnectionString,
            $"""
            INSERT INTO queue SELECT n, gen_random_uuid(), 'topic', n::text, decode(repeat('ab', 200), 'hex')
            FROM generate_series(1, {Messages}) n
            """);
        await OutboxBench.ExecuteAsync(bench.ConnectionString, "VACUUM ANALYZE queue");
    }

    private static async Task FillAsync(SessionBench bench)
    {
        await OutboxBench.ExecuteAsync(bench.ConnectionString, "TRUNCATE outbox_messages");
        await OutboxBench.ExecuteAsync(
            bench.ConnectionString,
            $"""
            INSERT INTO outbox_messages (message_id, hash, topic, key, payload)
            SELECT gen_random_uuid(), hashtext(n::text), 'topic', n::text, decode(repeat('ab', 200), 'hex')
            FROM generate_series(1, {Messages}) n
            """);
        await OutboxBench.ExecuteAsync(bench.ConnectionString, "VACUUM ANALYZE outbox_messages");
    }

    private static async Task<double> DispatchAsync(SessionBench bench, BenchPublisher publisher)
    {
        await FillAsync(bench);
        var left = Messages;
        var done = new TaskCompletionSource();
        publisher.Published = _ =>
        {
            if (Interlocked.Decrement(ref left) == 0)
                done.TrySetResult();
        };
        var start = Stopwatch.GetTimestamp();
        await using (await OutboxBench.DispatchAsync(bench.Services))
            await done.Task;

        // Until the last lane is settled, as the loops are.
        return Messages / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> LoopAsync(SessionBench bench, int connections)
    {
        await FillQueueAsync(bench);
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(() => LoopAsync(bench.Source))));
        return Messages / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task LoopAsync(NpgsqlDataSource source)
    {
        await using var connection = await source.OpenConnectionAsync();
        var ids = new List<long>();
        do
        {
            await using var transaction = await connection.BeginTransactionAsync();
            ids.Clear();
            await using (var select = new NpgsqlCommand(
                "SELECT id, message_id, topic, key, payload FROM queue ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED", connection))
            {
                select.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Batch });
                await using var reader = await select.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                {
                    ids.Add(reader.GetInt64(0));
                    _ = (reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetFieldValue<byte[]>(4));
                }
            }

            await using (var delete = new NpgsqlCommand("DELETE FROM queue WHERE id = ANY ($1)", connection))
            {
                delete.Parameters.Add(new NpgsqlParameter<List<long>> { TypedValue = ids });
                await delete.ExecuteNonQueryAsync();
            }

            await transaction.CommitAsync();
        }
        while (ids.Count > 0);
    }
}
