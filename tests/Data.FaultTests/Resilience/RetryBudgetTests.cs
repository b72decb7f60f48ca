using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.FaultTests.Resilience;

public sealed class RetryBudgetTests
{
    [Theory]
    [InlineData(true, 1000, 8)]
    [InlineData(false, 1000, 200)]
    public async Task ReadAsync_DatabaseRefusesEverything_LoadStaysWithinATenthOfTheCalls(bool failsFast, int calls, int atATime)
    {
        var server = await SharedServers.PostgresAsync();
        await using var proxy = await FaultProxy.StartAsync(server);
        // Every connection is taken and dropped at its first byte, so that the proxy counts the attempts.
        proxy.Inspect = static _ => ChunkVerdict.CutBefore;
        var ledger = new Ledger(server.ConnectionString + ";SSL Mode=Disable;GSS Encryption Mode=Disable");
        await using var services = ledger.Connect(proxy.Port, options =>
        {
            options.Retry.BudgetTokens = 100;
            options.CircuitBreaker.FailFast = failsFast;
            if (!failsFast)
                (options.Retry.AttemptTimeout, options.Retry.TotalTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        });
        var sessions = services.GetRequiredService<IDbSessionFactory<LedgerContext>>();
        var failed = 0;
        await Parallel.ForAsync(0, calls, new ParallelOptions
        {
            MaxDegreeOfParallelism = atATime,
            CancellationToken = TestContext.Current.CancellationToken
        }, async (_, token) =>
        {
            var outcome = await sessions.TryExecuteAsync(
                DbSessionKind.Read,
                static (_, _, _) => Task.FromResult(0),
                state: 0,
                cancellationToken: token);
            if (!outcome.IsSuccess)
                Interlocked.Increment(ref failed);
        });

        failed.ShouldBe(calls);
        proxy.ConnectionCount.ShouldBeGreaterThan(calls, "Retries are expected.");
        proxy.ConnectionCount.ShouldBeLessThanOrEqualTo(calls * 11 / 10);
    }
}
