using System.Globalization;
using Data.Benchmarks.Runner;
using Data.Resilience.Idempotency;
using Data.Resilience.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Benchmarks.Resilience;

/// <summary>One insert in a write session with an idempotency key, against the same without.</summary>
internal sealed class IdempotencyWriteBenchmark : IBenchmark
{
    private const int Calls = 200;
    private int _key;

    public string Area => "resilience";

    public string Name => "idempotency-write";

    public bool Quick => false;

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var bench = await SessionBench.StartAsync(build: static builder => builder.AddIdempotency());
        await using (var create = bench.Source.CreateCommand(new IdempotencyTable("idempotency_keys", schema: null).Create))
            await create.ExecuteNonQueryAsync();

        for (var call = 0; call < 1000; call++)
        {
            await WithKey(call);
            await Without(call);
        }

        var (measure, baseline) = PairedRounds.Of(Calls, WithKey, Without);
        await run.CompareAsync(
            "Write session of one insert with an idempotency key over the same without",
            "ns",
            limit: 1.15,
            Direction.Max,
            measure,
            baseline,
            rounds: 31);

        async Task WithKey(int call) => await bench.Sessions.ExecuteAsync(
            DbSessionKind.Write,
            static (session, call, token) => InsertAsync(session.Context, call, token),
            call,
            new DbSessionOptions { IdempotencyKey = NextKey() });

        async Task Without(int call) => await bench.Sessions.ExecuteAsync(
            DbSessionKind.Write,
            static (session, call, token) => InsertAsync(session.Context, call, token),
            call);
    }

    /// <summary>A key as clients send them: 36 characters, none like the one before.</summary>
    private string NextKey() =>
        string.Create(CultureInfo.InvariantCulture, $"{(uint)(++_key * 2_654_435_761):x8}-7c1e-4b1d-9f6a-{_key:x12}");

    private static async Task<int> InsertAsync(ItemContext context, int call, CancellationToken token)
    {
        context.Items.Add(new Item { Name = "new", Price = call });
        return await context.SaveChangesAsync(token);
    }
}
