using System.Data;
using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Tests.Sessions;

public sealed class DbSessionFactoryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_Success_CommitsAndReturnsTheResult()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var id = await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                var account = new Account { Owner = "new", Balance = 7 };
                session.Context.Accounts.Add(account);
                await session.Context.SaveChangesAsync(token);
                return account.Id;
            },
            cancellationToken: Token);

        (await bank.BalanceAsync(id)).ShouldBe(7);
    }

    [Fact]
    public async Task WriteAsync_DelegateThrows_RollsBackAndTheExceptionIsTheOneThrown()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var thrown = new InvalidTimeZoneException("mine");
        var caught = await Should.ThrowAsync<InvalidTimeZoneException>(() => bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                await session.Context.Accounts.ExecuteUpdateAsync(set => set.SetProperty(row => row.Balance, 0), token);
                throw thrown;
            },
            cancellationToken: Token).AsTask());

        caught.ShouldBeSameAs(thrown);
        caught.StackTrace!.ShouldContain(nameof(WriteAsync_DelegateThrows_RollsBackAndTheExceptionIsTheOneThrown));
        (await bank.BalanceAsync(1)).ShouldBe(100);
    }

    [Fact]
    public async Task WriteAsync_ConstraintViolation_IsNotRetriedAndKeptAsThrown()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var attempts = 0;
        var caught = await Should.ThrowAsync<DbUpdateException>(() => bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                attempts++;
                session.Context.Accounts.Add(new Account { Owner = "owner 1" });
                await session.Context.SaveChangesAsync(token);
            },
            cancellationToken: Token).AsTask());

        caught.InnerException.ShouldBeOfType<PostgresException>().SqlState.ShouldBe(PostgresErrorCodes.UniqueViolation);
        attempts.ShouldBe(1);
    }

    [Fact]
    public async Task WriteAsync_UniqueViolationOptedIn_IsRetriedWithAnEmptyTracker()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var tracked = new List<int>();
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                tracked.Add(session.Context.ChangeTracker.Entries().Count());
                session.Context.Accounts.Add(new Account { Owner = session.Attempt < 3 ? "owner 1" : "owner new" });
                await session.Context.SaveChangesAsync(token);
            },
            new DbSessionOptions { RetryUniqueViolations = true },
            Token);

        tracked.ShouldBe([0, 0, 0]);
    }

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted, "read committed")]
    [InlineData(IsolationLevel.RepeatableRead, "repeatable read")]
    [InlineData(IsolationLevel.Serializable, "serializable")]
    public async Task WriteAsync_IsolationLevel_IsThatOfTheTransaction(IsolationLevel level, string name)
    {
        await using var bank = await BankDatabase.CreateAsync();
        var shown = await bank.Sessions.WriteRawAsync(
            async (connection, token) => (string)(await new NpgsqlCommand("SHOW transaction_isolation", connection).ExecuteScalarAsync(
                token))!,
            new DbSessionOptions { IsolationLevel = level },
            Token);

        shown.ShouldBe(name);
    }

    [Fact]
    public async Task WriteAsync_SwallowedFailure_IsAnErrorNotASilentRollback()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var caught = await Should.ThrowAsync<DbSessionAbortedException>(() => bank.Sessions.WriteRawAsync(
            async (connection, token) =>
            {
                await new NpgsqlCommand("UPDATE accounts SET balance = 0", connection).ExecuteNonQueryAsync(token);
                await Should.ThrowAsync<PostgresException>(() => new NpgsqlCommand("SELECT 1 / 0", connection).ExecuteNonQueryAsync(token));
                return 0;
            },
            cancellationToken: Token).AsTask());

        caught.InnerException.ShouldBeOfType<PostgresException>().SqlState.ShouldBe("25P02");
        (await bank.BalanceAsync(1)).ShouldBe(100);
    }

    [Fact]
    public async Task WriteAsync_SerialisationFailure_IsRetriedUntilItSucceeds()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var options = new DbSessionOptions { IsolationLevel = IsolationLevel.Serializable, MaxRetryAttempts = 50 };
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                var account = await session.Context.Accounts.SingleAsync(row => row.Id == 1, token);
                await Task.Delay(5, token);
                account.Balance++;
                await session.Context.SaveChangesAsync(token);
            },
            options,
            Token)));

        (await bank.BalanceAsync(1)).ShouldBe(108);
    }

    [Fact]
    public async Task ReadAsync_Entities_AreNotTrackedAndThereIsNoTransaction()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var (tracked, transaction, rows) = await bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                var rows = await session.Context.Accounts.ToListAsync(token);
                return (session.Context.ChangeTracker.Entries().Count(), session.Transaction, rows.Count);
            },
            cancellationToken: Token);

        tracked.ShouldBe(0);
        transaction.ShouldBeNull();
        rows.ShouldBe(10);
    }

    [Fact]
    public async Task ReadAsync_WithIsolationLevel_SeesOneSnapshot()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var sums = await bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                var before = await session.Context.Accounts.SumAsync(row => row.Balance, token);
                await bank.ScalarAsync<int>(
                    "WITH changed AS (UPDATE accounts SET balance = balance + 1 RETURNING 1) SELECT count(*)::int FROM changed");
                return (before, after: await session.Context.Accounts.SumAsync(row => row.Balance, token));
            },
            new DbSessionOptions { IsolationLevel = IsolationLevel.RepeatableRead },
            Token);

        sums.after.ShouldBe(sums.before);
    }

    [Fact]
    public async Task WriteAsync_Nested_JoinsTheOuterSession()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await bank.Sessions.WriteAsync(
            async (outer, token) =>
            {
                (await bank.Sessions.WriteAsync((inner, _) => Task.FromResult(ReferenceEquals(inner, outer)), cancellationToken: token))
                    .ShouldBeTrue();
                (await bank.Sessions.ReadAsync((inner, _) => Task.FromResult(ReferenceEquals(inner, outer)), cancellationToken: token))
                    .ShouldBeTrue();
            },
            cancellationToken: Token);
    }

    [Fact]
    public async Task WriteAsync_NestedFailureSwallowed_CommitsNothing()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var caught = await Should.ThrowAsync<DbSessionAbortedException>(() => bank.Sessions.WriteAsync(
            async (outer, token) =>
            {
                await outer.Context.Accounts.ExecuteUpdateAsync(set => set.SetProperty(row => row.Balance, 0), token);
                await Should.ThrowAsync<InvalidTimeZoneException>(
                    () => bank.Sessions.WriteAsync((_, _) => throw new InvalidTimeZoneException(), cancellationToken: token).AsTask());
            },
            cancellationToken: Token).AsTask());

        caught.InnerException.ShouldBeOfType<InvalidTimeZoneException>();
        (await bank.BalanceAsync(1)).ShouldBe(100);
    }

    [Fact]
    public async Task WriteAsync_InsideAReadSession_IsRefused()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await Should.ThrowAsync<InvalidOperationException>(() => bank.Sessions.ReadAsync(
            async (_, token) =>
            {
                await bank.Sessions.WriteAsync((_, _) => Task.CompletedTask, cancellationToken: token);
                return 0;
            },
            cancellationToken: Token).AsTask());
    }

    [Fact]
    public async Task WriteAsync_CancelledByTheCaller_IsNotRetriedAndCarriesTheCallersToken()
    {
        await using var bank = await BankDatabase.CreateAsync();
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var attempts = 0;
        var caught = await Should.ThrowAsync<OperationCanceledException>(() => bank.Sessions.WriteRawAsync(
            async (connection, token) =>
            {
                attempts++;
                source.CancelAfter(50);
                return await new NpgsqlCommand("SELECT pg_sleep(30)", connection).ExecuteNonQueryAsync(token);
            },
            cancellationToken: source.Token).AsTask());

        caught.CancellationToken.ShouldBe(source.Token);
        attempts.ShouldBe(1);
    }

    [Fact]
    public async Task WriteAsync_LongerThanTheAttemptTimeout_IsATimeout()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await Should.ThrowAsync<TimeoutException>(() => bank.Sessions.WriteRawAsync(
            (connection, token) => new NpgsqlCommand("SELECT pg_sleep(30)", connection).ExecuteNonQueryAsync(token),
            new DbSessionOptions { AttemptTimeout = TimeSpan.FromMilliseconds(100) },
            Token).AsTask());
    }

    [Fact]
    public async Task ReadAsync_LongStatement_IsEndedByTheServerToo()
    {
        await using var bank = await BankDatabase.CreateAsync(options => options.Retry.AttemptTimeout = TimeSpan.FromSeconds(7));
        var shown = await bank.Sessions.ReadRawAsync(
            async (connection, token) => (string)(await new NpgsqlCommand("SHOW statement_timeout", connection).ExecuteScalarAsync(
                token))!, cancellationToken: Token);

        shown.ShouldBe("7s");
    }

    [Fact]
    public async Task WriteAsync_BackendTerminatedWhileRunning_RunsAgainOnANewConnection()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var processes = new List<int>();
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                processes.Add(session.Connection.ProcessID);
                await session.Context.Accounts
                    .ExecuteUpdateAsync(set => set.SetProperty(row => row.Balance, row => row.Balance + 1), token);
                if (session.Attempt == 1)
                    await bank.ScalarAsync<bool>($"SELECT pg_terminate_backend({session.Connection.ProcessID})");
                await session.Context.Accounts.CountAsync(token);
            },
            cancellationToken: Token);

        processes.Distinct().Count().ShouldBe(2);
        (await bank.BalanceAsync(1)).ShouldBe(101);
    }

    [Fact]
    public async Task WriteAsync_OnCommitted_RunsAfterTheCommitWithIdAndLsnAndNotAfterRollback()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var commits = new List<DbCommit>();
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                session.OnCommitted(async commit =>
                {
                    commits.Add(commit);
                    (await bank.BalanceAsync(1)).ShouldBe(0);
                });
                await session.Context.Accounts.ExecuteUpdateAsync(set => set.SetProperty(row => row.Balance, 0), token);
            },
            new DbSessionOptions { CaptureCommitLsn = true },
            Token);
        await Should.ThrowAsync<InvalidTimeZoneException>(() => bank.Sessions.WriteAsync(
            (session, _) =>
            {
                session.OnCommitted(commit =>
                {
                    commits.Add(commit);
                    return ValueTask.CompletedTask;
                });
                throw new InvalidTimeZoneException();
            },
            cancellationToken: Token).AsTask());

        var commit = commits.ShouldHaveSingleItem();
        commit.Lsn.ShouldNotBeNull();
        (await bank.ScalarAsync<string>($"SELECT pg_xact_status('{commit.TransactionId}'::xid8)")).ShouldBe("committed");
    }

    [Fact]
    public async Task WriteAsync_DelegateCommitsBehindTheSession_IsAnError()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await Should.ThrowAsync<InvalidOperationException>(() => bank.Sessions.WriteRawAsync(
            (connection, token) => new NpgsqlCommand("COMMIT", connection).ExecuteNonQueryAsync(token), cancellationToken: Token).AsTask());
    }

    [Fact]
    public async Task WriteAsync_ManySessions_LeaveNoConnectionAndNoTransactionBehind()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
        {
            var outcome = await bank.Sessions.TryExecuteAsync(
                number % 2 == 0 ? DbSessionKind.Read : DbSessionKind.Write,
                static async (session, number, token) =>
                {
                    await session.Context.Accounts.CountAsync(token);
                    return number % 5 == 0 ? throw new InvalidTimeZoneException() : number;
                },
                number,
                cancellationToken: Token);
            outcome.IsSuccess.ShouldBe(number % 5 != 0);
        }));

        (await bank.ScalarAsync<int>(
            "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in "
            + "transaction%'")).ShouldBe(0);
    }
}
