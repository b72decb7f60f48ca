using System.Diagnostics;
using Data.FaultTests.Processes;
using Data.TestServers;
using Npgsql;

namespace Data.FaultTests.Resilience.Outbox;

/// <summary>Writers and dispatchers are killed at any moment, before a broker that loses, repeats and lies.</summary>
/// <remarks>One run kills 20 processes; DATA_TEST_SCALE=50 makes that a thousand.</remarks>
public sealed class OutboxCrashTests
{
    private const int Kills = 20;
    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("DATA_TEST_SCALE"), out var scale) ? scale : 1;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dispatch_ProcessesKilledAtAnyPoint_EveryEffectIsMadeOnceAndInOrder()
    {
        var connectionString = await (await SharedServers.PostgresAsync()).CreateDatabaseAsync(cancellationToken: Cancel);
        await EffectsContext.CreateTablesAsync(connectionString, Cancel);
        string[] roles = [OutboxChild.Write, OutboxChild.Write, OutboxChild.Dispatch, OutboxChild.Dispatch];
        ChildProcess[] children = [.. roles.Select(Start)];
        try
        {
            var random = new Random(42);
            for (var kill = 0; kill < Kills * Scale; kill++)
            {
                var victim = kill % children.Length;
                // Now and then while it is starting, else at work; what is at work has told so.
                var lines = random.Next(5) == 0 ? 0 : roles[victim] == OutboxChild.Write ? random.Next(1, 40) : 1;
                for (var line = 0; line < lines; line++)
                    (await children[victim].ReadLineAsync(Cancel)).ShouldBe(OutboxChild.Ready);
                await Task.Delay(random.Next(150), Cancel);
                await children[victim].DisposeAsync();
                children[victim] = Start(roles[victim]);
            }

            // The last writers stop; the last dispatchers are on their own.
            await children[0].DisposeAsync();
            await children[1].DisposeAsync();
            (await children[2].ReadLineAsync(Cancel)).ShouldBe(OutboxChild.Ready);
            (await children[3].ReadLineAsync(Cancel)).ShouldBe(OutboxChild.Ready);
            var stalled = await DrainAsync(connectionString);
            // A second is promised; the machine may be busy with other tests.
            stalled.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        }
        finally
        {
            foreach (var child in children)
                await child.DisposeAsync();
        }

        var made = await ScalarAsync(connectionString, "SELECT count(*) FROM effects");
        made.ShouldBeGreaterThan(Kills);
        made.ShouldBe(await ScalarAsync(connectionString, "SELECT sum(n)::bigint FROM counters"));
        // Exactly once and in order: the n-th effect of a key is that of its n-th commit.
        (await ScalarAsync(
            connectionString,
            """
            SELECT count(*) FROM (SELECT n, row_number() OVER (PARTITION BY key ORDER BY place) AS turn FROM effects) e WHERE n <> turn
            """)).ShouldBe(0);
        (await ScalarAsync(connectionString, "SELECT count(*) FROM outbox_dead_letters")).ShouldBe(0);
        TestContext.Current.TestOutputHelper?.WriteLine($"{Kills * Scale} kills, {made} effects");

        ChildProcess Start(string role) => new(OutboxChild.Argument, role, connectionString);
    }

    /// <summary>Waits until every message is published; returns the longest time in which none was.</summary>
    private static async Task<TimeSpan> DrainAsync(string connectionString)
    {
        var (longest, last, since) = (TimeSpan.Zero, -1L, Stopwatch.GetTimestamp());
        while (await ScalarAsync(connectionString, "SELECT count(*) FROM outbox_messages") is var depth and > 0)
        {
            if (depth != last)
                (last, since) = (depth, Stopwatch.GetTimestamp());
            if (Stopwatch.GetElapsedTime(since) > longest)
                longest = Stopwatch.GetElapsedTime(since);
            longest.ShouldBeLessThan(TimeSpan.FromSeconds(30), "messages are stuck");
            await Task.Delay(20, Cancel);
        }

        return longest;
    }

    private static async Task<long> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
