using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Tests.Commits;

public sealed class CommitBatchTests
{
    private static readonly DbSessionOptions Capturing = new() { CaptureCommitLsn = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("42501", false)]
    [InlineData("57014", false)]
    [InlineData("57P01", true)]
    public async Task SendAsync_PositionFailsAfterTheCommit_IsCommittedWithoutAPosition(string sqlState, bool isFatal)
    {
        await using var peer = new ScriptedPeer
        {
            FailAt = "SELECT pg_current_wal_insert_lsn()",
            SqlState = sqlState,
            IsFatal = isFatal,
        };
        await using var bank = BankDatabase.Connect(peer.ConnectionString, static options => options.SendStatementTimeout = false);
        DbCommit? told = null;
        var runs = 0;
        await bank.Sessions.WriteAsync(
            (session, _) =>
            {
                runs++;
                session.OnCommitted(commit =>
                {
                    told = commit;
                    return ValueTask.CompletedTask;
                });
                return Task.CompletedTask;
            },
            Capturing,
            Token);

        runs.ShouldBe(1);
        peer.Verifications.ShouldBe(0, "The server confirmed the commit.");
        told.ShouldNotBeNull().Lsn.ShouldBeNull();
    }

    [Fact]
    public async Task SendAsync_RoleMayNotReadThePosition_IsCommittedWithoutAPosition()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var role = "role_" + Guid.NewGuid().ToString("N");
        await ExecuteAsync(
            bank,
            $"CREATE ROLE {role}; GRANT ALL ON accounts TO {role}; REVOKE EXECUTE ON FUNCTION pg_current_wal_insert_lsn() FROM PUBLIC");
        DbCommit? told = null;
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                session.OnCommitted(commit =>
                {
                    told = commit;
                    return ValueTask.CompletedTask;
                });
                await session.Context.Database.ExecuteSqlAsync($"UPDATE accounts SET balance = 1 WHERE id = 1", token);
                await session.Context.Database.ExecuteSqlAsync($"SELECT set_config('role', {role}, false)", token);
            },
            Capturing,
            Token);

        (await bank.BalanceAsync(1)).ShouldBe(1);
        told.ShouldNotBeNull().Lsn.ShouldBeNull();
        told.Value.TransactionId.ShouldBeGreaterThan(0UL);
    }

    [Fact]
    public async Task SendAsync_ErrorOfTheCommitItself_IsTheCommitsFailure()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await ExecuteAsync(bank, "ALTER TABLE accounts ADD CONSTRAINT later UNIQUE (balance, owner) DEFERRABLE INITIALLY DEFERRED; "
            + "ALTER TABLE accounts DROP CONSTRAINT accounts_owner_key");

        var error = await Should.ThrowAsync<PostgresException>(bank.Sessions.WriteAsync(
            (session, token) => session.Context.Database.ExecuteSqlAsync($"UPDATE accounts SET owner = 'same' WHERE id < 3", token),
            Capturing,
            Token).AsTask());

        error.SqlState.ShouldBe("23505");
        (await bank.ScalarAsync<long>("SELECT count(*) FROM accounts WHERE owner = 'same'")).ShouldBe(0);
    }

    private static async Task ExecuteAsync(BankDatabase bank, string sql)
    {
        await using var connection = new NpgsqlConnection(bank.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }
}
