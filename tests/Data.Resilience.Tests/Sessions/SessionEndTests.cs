using System.Diagnostics;
using Data.Resilience.Commits;
using Data.Resilience.Connections;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polly.CircuitBreaker;

namespace Data.Resilience.Tests.Sessions;

/// <summary>What a delegate leaves running when it returns, and what it leaves undone when its time is over.</summary>
public sealed class SessionEndTests
{
    // Long enough for a statement on a busy machine.
    private static readonly DbSessionOptions Brief = new() { AttemptTimeout = TimeSpan.FromSeconds(1.5) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_JoinedCallLeftRunning_CommitsNothingAndSaysToAwaitIt()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var (runs, left) = (0, Task.CompletedTask);
        var caught = await Should.ThrowAsync<DbSessionAbortedException>(() => bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                runs++;
                await SetBalanceAsync(session, 1, token);
                left = bank.Sessions.WriteAsync(
                    async (joined, inner) =>
                    {
                        await SetBalanceAsync(joined, 2, inner);
                        await Task.Delay(Timeout.Infinite, inner);
                    },
                    cancellationToken: CancellationToken.None).AsTask();
            },
            cancellationToken: Token).AsTask());

        caught.Message.ShouldContain("Await");
        runs.ShouldBe(1);
        await Should.ThrowAsync<OperationCanceledException>(() => left.WaitAsync(TimeSpan.FromSeconds(20), Token));
        (await bank.BalanceAsync(1)).ShouldBe(100);
        (await bank.BalanceAsync(2)).ShouldBe(100);
        await ShouldBecomeIdleAsync(bank);
    }

    [Fact]
    public async Task WriteAsync_SecondOfTwoJoinedCallsLeftRunning_CommitsNothing()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var release = new TaskCompletionSource();
        var left = Task.CompletedTask;
        await Should.ThrowAsync<DbSessionAbortedException>(() => bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                await bank.Sessions.WriteAsync((joined, inner) => SetBalanceAsync(joined, 1, inner), cancellationToken: token);
                left = bank.Sessions.WriteAsync((_, _) => release.Task, cancellationToken: token).AsTask();
            },
            cancellationToken: Token).AsTask());

        // The connection stays with the call that is running, and is given back when that ends.
        (await bank.ScalarAsync<long>(InTransaction)).ShouldBe(1);
        release.SetResult();
        await left;
        await ShouldBecomeIdleAsync(bank);
        (await bank.BalanceAsync(1)).ShouldBe(100);
    }

    [Fact]
    public async Task WriteAsync_CallStartedAfterTheDelegateReturned_IsASessionOfItsOwn()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var start = new TaskCompletionSource();
        var late = Task.CompletedTask;
        await bank.Sessions.WriteAsync(
            (session, token) =>
            {
                late = Task.Run(
                    async () =>
                    {
                        await start.Task;
                        await bank.Sessions.WriteAsync((own, inner) => SetBalanceAsync(own, 2, inner), cancellationToken: Token);
                    },
                    CancellationToken.None);
                return SetBalanceAsync(session, 1, token);
            },
            cancellationToken: Token);

        start.SetResult();
        await late;
        (await bank.BalanceAsync(1)).ShouldBe(0);
        (await bank.BalanceAsync(2)).ShouldBe(0);
    }

    [Fact]
    public async Task WriteAsync_JoinedCallWithItsOwnToken_CarriesThatTokenWhenCancelled()
    {
        await using var bank = await BankDatabase.CreateAsync();
        using var own = new CancellationTokenSource();
        CancellationToken caught = default;
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                // The savepoint lets the session survive the failure of the joined call.
                await Should.ThrowAsync<OperationCanceledException>(() => session.SavepointAsync<int>(
                    async _ =>
                    {
                        var joined = bank.Sessions.WriteAsync(
                            (_, inner) => Task.Delay(Timeout.Infinite, inner),
                            cancellationToken: own.Token);
                        await own.CancelAsync();
                        caught = (await Should.ThrowAsync<OperationCanceledException>(() => joined.AsTask())).CancellationToken;
                        throw new OperationCanceledException();
                    },
                    token));
                await SetBalanceAsync(session, 1, token);
            },
            cancellationToken: Token);

        caught.ShouldBe(own.Token);
        (await bank.BalanceAsync(1)).ShouldBe(0);
    }

    [Theory]
    [InlineData(DbSessionKind.Write)]
    [InlineData(DbSessionKind.Read)]
    public async Task ExecuteAsync_ReaderLeftOpen_RunsOnceAndNamesTheReader(DbSessionKind kind)
    {
        var caught = await LeaveAsync(kind, static async (session, token) =>
        {
            var reader = await new NpgsqlCommand("SELECT generate_series(1, 100000)", session.Connection).ExecuteReaderAsync(token);
            await reader.ReadAsync(token);
        });
        caught.Message.ShouldContain("data reader");
    }

    [Fact]
    public async Task WriteAsync_CopyLeftUnfinished_RunsOnceAndCopiesNothing()
    {
        var caught = await LeaveAsync(DbSessionKind.Write, static async (session, token) =>
        {
            var copy = await session.Connection.BeginBinaryImportAsync("COPY accounts (owner, balance) FROM STDIN (FORMAT binary)", token);
            await copy.StartRowAsync(token);
            await copy.WriteAsync("copied", token);
            await copy.WriteAsync(1L, token);
        });
        caught.Message.ShouldContain("COPY");
    }

    [Fact]
    public async Task WriteAsync_EnumeratorLeftOpen_RunsOnce() =>
        await LeaveAsync(DbSessionKind.Write, static async (session, token) =>
        {
            var rows = session.Context.Accounts.AsAsyncEnumerable().GetAsyncEnumerator(token);
            await rows.MoveNextAsync();
        });

    [Fact]
    public async Task WriteAsync_CommandLeftRunning_RunsOnce() =>
        await LeaveAsync(DbSessionKind.Write, static (session, token) =>
        {
            _ = new NpgsqlCommand("SELECT pg_sleep(30)", session.Connection).ExecuteNonQueryAsync(token);
            return Task.CompletedTask;
        });

    [Fact]
    public async Task WriteAsync_DelegateIgnoresItsToken_IsAbandonedAndItsConnectionComesBackWithIt()
    {
        await using var bank = await BankDatabase.CreateAsync();
        using var measures = new NodeMeasures(bank.Keyed<DatabaseNode>().Name);
        var (runs, release) = (0, new TaskCompletionSource());
        IDbSession<Bank> kept = null!;
        var caught = await Should.ThrowAsync<TimeoutException>(() => bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                (kept, runs) = (session, runs + 1);
                await SetBalanceAsync(session, 1, token);
                await release.Task;
            },
            Brief,
            Token).AsTask());

        caught.Message.ShouldContain("Pass the token");
        runs.ShouldBe(1);
        Should.Throw<ObjectDisposedException>(() => kept.Context).Message.ShouldContain("over");
        Should.Throw<ObjectDisposedException>(() => kept.Connection);
        measures.Sum("data.resilience.session.abandoned").ShouldBe(1);
        bank.Keyed<DatabaseNode>().Budget.Tokens.ShouldBe(100);
        (await bank.ScalarAsync<long>(InTransaction)).ShouldBe(1);
        release.SetResult();
        await ShouldBecomeIdleAsync(bank);
        (await bank.BalanceAsync(1)).ShouldBe(100);
    }

    [Fact]
    public async Task WriteAsync_CancelledWhileTheDelegateIgnoresItsToken_EndsWithTheCallersToken()
    {
        await using var bank = await BankDatabase.CreateAsync();
        using var caller = new CancellationTokenSource();
        var release = new TaskCompletionSource();
        var call = bank.Sessions.WriteAsync((_, _) => release.Task, cancellationToken: caller.Token).AsTask();
        await caller.CancelAsync();

        (await Should.ThrowAsync<OperationCanceledException>(() => call)).CancellationToken.ShouldBe(caller.Token);
        release.SetResult();
    }

    [Fact]
    public async Task WriteAsync_CallbackOfTheTokenBlocks_TheCallersCancellationReturns()
    {
        await using var bank = await BankDatabase.CreateAsync();
        using var caller = new CancellationTokenSource();
        using var release = new ManualResetEventSlim();
        var entered = new TaskCompletionSource();
        var call = bank.Sessions.WriteAsync(
            (_, token) =>
            {
                token.Register(() => release.Wait(CancellationToken.None));
                entered.SetResult();
                return Task.Delay(Timeout.Infinite, token);
            },
            cancellationToken: caller.Token).AsTask();
        await entered.Task;
        await Task.Run(caller.Cancel, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20), Token);

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        release.Set();
    }

    [Fact]
    public async Task WriteAsync_TotalTimeoutShorterThanTheAttempts_EndsTheAttempt()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var clock = Stopwatch.StartNew();
        await Should.ThrowAsync<TimeoutException>(() => bank.Sessions.WriteRawAsync(
            (connection, token) => new NpgsqlCommand("SELECT pg_sleep(30)", connection).ExecuteNonQueryAsync(token),
            new DbSessionOptions { AttemptTimeout = TimeSpan.FromSeconds(20), TotalTimeout = TimeSpan.FromMilliseconds(200) },
            Token).AsTask());
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(DbSessionKind.Write)]
    [InlineData(DbSessionKind.Read)]
    public async Task ExecuteAsync_AttemptTimeoutLongerThanTheConfigured_IsCutNeitherByTheDriverNorByTheServer(DbSessionKind kind)
    {
        await using var bank = await BankDatabase.CreateAsync(options =>
        {
            options.Retry.AttemptTimeout = TimeSpan.FromSeconds(1);
            options.ConnectionString += ";Command Timeout=1";
        });
        var options = new DbSessionOptions { AttemptTimeout = TimeSpan.FromSeconds(40), TotalTimeout = TimeSpan.FromSeconds(60) };
        for (var call = 0; call < 2; call++)
        {
            (await bank.Sessions.ExecuteAsync(
                kind,
                static async (session, _, token) =>
                {
                    await session.Context.Database.ExecuteSqlRawAsync("SELECT pg_sleep(1.5)", token);
                    return session.Context.Database.GetCommandTimeout();
                },
                state: 0,
                options,
                Token)).ShouldBe(40);
        }

        // The pooled context has its own limit again.
        (await bank.Sessions.ReadAsync(static (session, _) => Task.FromResult(session.Context.Database.GetCommandTimeout()),
            cancellationToken: Token)).ShouldBeNull();
    }

    [Fact]
    public async Task WriteAsync_CommitLongerThanTheSessionsAttemptTimeout_IsCancelled()
    {
        await using var bank = await CreateWithSlowCommitAsync(seconds: 30);
        var clock = Stopwatch.StartNew();
        await Should.ThrowAsync<TimeoutException>(() => bank.Sessions.WriteAsync(
            (session, token) => SetBalanceAsync(session, 1, token),
            new DbSessionOptions { AttemptTimeout = TimeSpan.FromSeconds(2), MaxRetryAttempts = 0 },
            Token).AsTask());

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(12));
        (await bank.BalanceAsync(1)).ShouldBe(100);
    }

    [Fact]
    public async Task WriteAsync_CommitShorterThanTheSessionsAttemptTimeout_IsAwaitedBeyondTheConfigured()
    {
        await using var bank = await CreateWithSlowCommitAsync(seconds: 2);
        await bank.Sessions.WriteAsync(
            (session, token) => SetBalanceAsync(session, 1, token),
            new DbSessionOptions { AttemptTimeout = TimeSpan.FromSeconds(40), TotalTimeout = TimeSpan.FromSeconds(60) },
            Token);

        (await bank.BalanceAsync(1)).ShouldBe(0);
    }

    private const string InTransaction =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'";

    /// <summary>Makes a bank whose COMMIT takes some seconds; sessions get one second unless they ask for more.</summary>
    private static async Task<BankDatabase> CreateWithSlowCommitAsync(int seconds)
    {
        var bank = await BankDatabase.CreateAsync(options => options.Retry.AttemptTimeout = TimeSpan.FromSeconds(1));
        await bank.ScalarAsync<int>(
            $"""
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER slow_commit AFTER UPDATE ON accounts DEFERRABLE INITIALLY DEFERRED
              FOR EACH ROW EXECUTE FUNCTION wait();
            SELECT 1
            """);
        return bank;
    }

    private static async Task ShouldBecomeIdleAsync(BankDatabase bank)
    {
        while (await bank.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' "
            + "AND pid <> pg_backend_pid()") > 0)
        {
            await Task.Delay(10, Token);
        }
    }

    private static Task<int> SetBalanceAsync(IDbSession<Bank> session, int id, CancellationToken token) =>
        session.Context.Accounts.Where(row => row.Id == id).ExecuteUpdateAsync(set => set.SetProperty(row => row.Balance, 0), token);

    /// <summary>
    /// Leaves something in use at the end of a delegate: one run, a clear error, no effect, and a clean connection afterwards.
    /// </summary>
    private static async Task<DbSessionAbortedException> LeaveAsync(
        DbSessionKind kind, Func<IDbSession<Bank>, CancellationToken, Task> leave)
    {
        await using var bank = await BankDatabase.CreateAsync(options => options.ConnectionString += ";Maximum Pool Size=1");
        var runs = 0;
        var caught = await Should.ThrowAsync<DbSessionAbortedException>(() => bank.Sessions.ExecuteAsync(
            kind,
            async (session, leave, token) =>
            {
                runs++;
                if (kind == DbSessionKind.Write)
                    await SetBalanceAsync(session, 1, token);
                await leave(session, token);
                return 0;
            },
            leave,
            cancellationToken: Token).AsTask());

        runs.ShouldBe(1);
        bank.Keyed<DatabaseNode>().Budget.Tokens.ShouldBe(100);
        bank.Keyed<DatabaseNode>().Circuit.State.ShouldBe(CircuitState.Closed);
        await ShouldBecomeIdleAsync(bank);
        (await bank.Sessions.ReadAsync((session, token) => session.Context.Accounts.CountAsync(row => row.Balance == 100, token),
            cancellationToken: Token)).ShouldBe(10);
        return caught;
    }
}
