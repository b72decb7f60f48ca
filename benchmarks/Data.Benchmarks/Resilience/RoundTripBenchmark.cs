using System.Globalization;
using Data.Benchmarks.Runner;
using Data.Resilience;
using Data.Resilience.Idempotency;
using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Limit = Data.Benchmarks.Runner.Direction;

namespace Data.Benchmarks.Resilience;

/// <summary>
/// Counts round trips as turns of the conversation seen by a proxy: something to the server after something to the client.
/// </summary>
internal sealed class RoundTripBenchmark : IBenchmark
{
    private readonly TurnCounter _turns = new();

    public string Area => "resilience";

    public string Name => "round-trips";

    public bool Quick => true;

    public async Task RunAsync(BenchmarkRun run)
    {
        var (read, plainRead, write, plainWrite) = await CountAsync(_ => { });
        run.Record("Round trips added to a read", "", read - plainRead, limit: 0, Limit.Max);
        run.Record("Round trips added to a write", "", write - plainWrite, limit: 1, Limit.Max);
        run.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"Round trips: read {read:0.##} (EF {plainRead:0.##}), "
            + $"write of one insert {write:0.##} (EF with a transaction {plainWrite:0.##})."));

        var tenant = await CountAsync(builder => builder.AddTenancy());
        run.Record("Round trips a tenant adds to a write", "", tenant.Write - write, limit: 0, Limit.Max);
        run.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"Round trips of a tenant: read {tenant.Read:0.##}, as its setting needs a transaction, "
            + $"write of one insert {tenant.Write:0.##}."));

        var keyed = await CountAsync(builder => builder.AddIdempotency(), hasKeys: true);
        run.Record("Round trips an idempotency key adds to a write", "", keyed.Write - write, limit: 0, Limit.Max);
    }

    private async Task<(double Read, double PlainRead, double Write, double PlainWrite)> CountAsync(
        Action<DataResilienceBuilder<ItemContext>> build,
        bool hasKeys = false)
    {
        FaultProxy? proxy = null;
        try
        {
            await using var bench = await SessionBench.StartAsync(
                async (server, connectionString) =>
                {
                    proxy = await FaultProxy.StartAsync(server);
                    proxy.Inspect = _turns.Count;
                    return new NpgsqlConnectionStringBuilder(connectionString) { Port = proxy.Port, MaxPoolSize = 1 }.ConnectionString;
                },
                build: build);
            if (hasKeys)
            {
                await using var create = bench.Source.CreateCommand(new IdempotencyTable("idempotency_keys", schema: null).Create);
                await create.ExecuteNonQueryAsync();
            }

            var keys = 0;
            using var scope = TenantScope.Begin("acme");
            return (
                await _turns.PerCallAsync(async call => await bench.ReadInSessionAsync(call + 1)),
                await _turns.PerCallAsync(call => bench.Plain.ReadAsync(call + 1)),
                await _turns.PerCallAsync(async call => await bench.Sessions.ExecuteAsync(
                    DbSessionKind.Write, static (session, call, token) => InsertAsync(session.Context, call, token), call, Options())),
                await _turns.PerCallAsync(async call =>
                {
                    await using var context = await bench.Plain.CreateContextAsync();
                    await using var transaction = await context.Database.BeginTransactionAsync();
                    await InsertAsync(context, call, CancellationToken.None);
                    await transaction.CommitAsync();
                }));

            DbSessionOptions? Options() =>
                hasKeys ? new DbSessionOptions { IdempotencyKey = (++keys).ToString(CultureInfo.InvariantCulture) } : null;
        }
        finally
        {
            if (proxy is not null)
                await proxy.DisposeAsync();
        }
    }

    private static async Task<int> InsertAsync(ItemContext context, int call, CancellationToken token)
    {
        context.Items.Add(new Item { Name = "new", Price = call });
        return await context.SaveChangesAsync(token);
    }
}
