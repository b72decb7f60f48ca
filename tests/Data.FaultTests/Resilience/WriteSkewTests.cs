using System.Data;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Data.FaultTests.Resilience;

/// <summary>
/// Two sessions each see enough in two accounts together and take it from their own: under SERIALIZABLE one of them must see the other.
/// </summary>
public sealed class WriteSkewTests
{
    private static readonly DbSessionOptions Serializable = new() { IsolationLevel = IsolationLevel.Serializable, MaxRetryAttempts = 30 };

    [Fact]
    public async Task WriteAsync_WriteSkewUnderSerializable_OneIsRunAgainAndSeesTheOther()
    {
        var ledger = await Ledger.CreateAsync(await SharedServers.PostgresAsync());
        await using var services = ledger.Connect(new Npgsql.NpgsqlConnectionStringBuilder(ledger.ConnectionString).Port);
        var sessions = services.GetRequiredService<IDbSessionFactory<LedgerContext>>();
        var token = TestContext.Current.CancellationToken;
        var attempts = 0;
        for (var round = 0; round < 30; round++)
        {
            await sessions.WriteAsync(
                (session, cancel) =>
                    session.Context.Database.ExecuteSqlAsync($"UPDATE accounts SET balance = 1 WHERE id IN (0, 1)", cancel),
                cancellationToken: token);
            var bothHaveRead = new Barrier();
            var taken = await Task.WhenAll(TakeAsync(0, bothHaveRead), TakeAsync(1, bothHaveRead));

            taken.Count(did => did).ShouldBe(1);
            (await SumAsync()).ShouldBe(0);
        }

        attempts.ShouldBeGreaterThan(2 * 30, "Nothing was run again, so the sessions never met.");

        Task<bool> TakeAsync(int account, Barrier bothHaveRead) => sessions.WriteAsync(
            async (session, cancel) =>
            {
                Interlocked.Increment(ref attempts);
                var sum = await ReadSumAsync(session.Context, cancel);
                if (session.Attempt == 1)
                    await bothHaveRead.WaitAsync(cancel);
                if (sum < 2)
                    return false;

                await session.Context.Database.ExecuteSqlAsync($"UPDATE accounts SET balance = balance - 2 WHERE id = {account}", cancel);
                return true;
            },
            Serializable,
            token).AsTask();

        Task<long> SumAsync() =>
            sessions.ReadAsync((session, cancel) => ReadSumAsync(session.Context, cancel), cancellationToken: token).AsTask();
    }

    private static Task<long> ReadSumAsync(LedgerContext context, CancellationToken cancel) =>
        context.Database.SqlQuery<long>($"SELECT sum(balance)::bigint AS \"Value\" FROM accounts WHERE id IN (0, 1)").SingleAsync(cancel);

    /// <summary>Lets two go on once both are there.</summary>
    private sealed class Barrier
    {
        private readonly TaskCompletionSource _both = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _arrived;

        public Task WaitAsync(CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _arrived) == 2)
                _both.SetResult();

            return _both.Task.WaitAsync(cancellationToken);
        }
    }
}
