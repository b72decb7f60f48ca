using Data.Benchmarks.Runner;
using Data.Resilience.Sessions;
using Npgsql;

namespace Data.Benchmarks.Resilience;

/// <summary>One row by key over the session's bare connection, against a connection of the same kind of pool.</summary>
internal sealed class RawSessionBenchmark : IBenchmark
{
    private const int Calls = 400;

    public string Area => "resilience";

    public string Name => "session-raw";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var bench = await SessionBench.StartAsync();
        async Task InSession(int call) =>
            await bench.Sessions.ExecuteAsync(
                DbSessionKind.Read,
                static (session, id, token) => QueryAsync(session.Connection, id, token),
                (call % 1000) + 1);

        async Task Plain(int call)
        {
            await using var connection = await bench.Source.OpenConnectionAsync();
            await QueryAsync(connection, (call % 1000) + 1, CancellationToken.None);
        }

        for (var call = 0; call < 2000; call++)
        {
            await InSession(call);
            await Plain(call);
        }

        var (measure, baseline) = PairedRounds.Of(Calls, InSession, Plain);
        await run.CompareAsync("Raw session over plain Npgsql", "ns", limit: 1.03, Direction.Max, measure, baseline, rounds: 31);
    }

    private static async Task<string> QueryAsync(NpgsqlConnection connection, int id, CancellationToken token)
    {
        await using var command = new NpgsqlCommand("SELECT name FROM items WHERE id = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = id });
        return (string)(await command.ExecuteScalarAsync(token))!;
    }
}
