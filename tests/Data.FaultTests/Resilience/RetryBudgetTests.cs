using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.FaultTests.Resilience;

public sealed class RetryBudgetTests
{
    [Fact]
    public async Task ReadAsync_DatabaseRefusesEverything_LoadStaysWithinATenthOfTheCalls()
    {
        const int Calls = 1000;
        var server = await SharedServers.PostgresAsync();
        await using var proxy = await FaultProxy.StartAsync(server);
        // Every connection is taken and dropped at its first byte, so that the proxy counts the attempts.
        proxy.Inspect = static _ => ChunkVerdict.CutBefore;
        var ledger = new Ledger(server.ConnectionString + ";SSL Mode=Disable;GSS Encryption Mode=Disable");
        await using var services = ledger.Connect(proxy.Port, options => options.Retry.BudgetTokens = 100);
        var sessions = services.GetRequiredService<IDbSessionFactory<LedgerContext>>();
        var failed = 0;
        await Parallel.ForAsync(0, Calls, new ParallelOptions
        {
            MaxDegreeOfParallelism = 8,
            CancellationToken = TestContext.Current.CancellationToken
        }, async (_, token) =>
        {
            var outcome = await sessions.TryExecuteAsync(
                DbSessionKind.Read,
                static (_, _, _) => Task.FromResult(0),
                state: 0,
                cancellationToken: token);
            if (outcome.Exception is NpgsqlException)
                Interlocked.Increment(ref failed);
        });

        failed.ShouldBe(Calls);
        proxy.ConnectionCount.ShouldBeGreaterThan(Calls, "Retries are expected while the budget lasts.");
        proxy.ConnectionCount.ShouldBeLessThanOrEqualTo(Calls * 11 / 10);
    }
}
