using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Data.FaultTests.Resilience;

/// <summary>A commit that gave up waiting for its synchronous standby is told as what it is.</summary>
public sealed class SynchronousReplicationTests
{
    private const string Waiting = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("pg_cancel_backend")]
    [InlineData("pg_terminate_backend")]
    [InlineData(null)]
    public async Task WriteAsync_WaitForTheStandbyIsGivenUp_IsCommittedLocally(string? function)
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { SynchronousReplica = true }, Token);
        await using var proxy = await FaultProxy.StartAsync(server);
        var ledger = await Ledger.CreateAsync(server);
        await using var services = ledger.Connect(proxy.Port, static options =>
        {
            options.Retry.TotalTimeout = TimeSpan.FromMinutes(1);
            options.Retry.AttemptTimeout = TimeSpan.FromSeconds(40);
            options.Retry.CommitVerificationTimeout = TimeSpan.FromSeconds(8);
        });
        var sessions = services.GetRequiredService<IDbSessionFactory<LedgerContext>>();
        (await WriteAsync(sessions, 1)).Outcome.ShouldBe(CommitOutcome.Committed);

        server.Replica!.Freeze();
        var writing = WriteAsync(sessions, 2, TimeSpan.FromSeconds(8));
        while (await server.QueryAsync("SELECT count(*) " + Waiting, Token) is not 1L)
            await Task.Delay(10, Token);
        // Without a function the connection is lost, and the verification ends the backend that waits for ever.
        if (function is null)
            proxy.ResetAll();
        else
            await server.QueryAsync($"SELECT {function}(pid) {Waiting}", Token);
        var commit = await writing;
        server.Replica.Resume();

        commit.Outcome.ShouldBe(CommitOutcome.CommittedLocally);
        (await WriteAsync(sessions, 3)).Outcome.ShouldBe(CommitOutcome.Committed);
        (await sessions.ReadAsync((session, token) => session.Context.Ledger.CountAsync(token), cancellationToken: Token)).ShouldBe(3);
    }

    private static async Task<DbCommit> WriteAsync(
        IDbSessionFactory<LedgerContext> sessions, long transfer, TimeSpan? total = null)
    {
        DbCommit? told = null;
        await sessions.WriteAsync(
            async (session, token) =>
            {
                session.OnCommitted(commit =>
                {
                    told = commit;
                    return ValueTask.CompletedTask;
                });
                session.Context.Ledger.Add(new LedgerEntry { Transfer = transfer });
                await session.Context.SaveChangesAsync(token);
            },
            new DbSessionOptions { TotalTimeout = total },
            Token);
        return told.ShouldNotBeNull();
    }
}
