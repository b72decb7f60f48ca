using System.Data;
using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Data.Resilience.Tests.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Data.Resilience.Tests.ExecutionStrategies;

/// <summary>Contexts that know nothing of sessions, on connections that are cut at the worst moments.</summary>
public sealed partial class ResilientExecutionStrategyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Query_AnswerLost_IsRetriedAndComplete(bool isAsync)
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        bank.LoseAnswer("FROM accounts");

        var accounts = isAsync ? await context.Accounts.ToListAsync(Token) : [.. context.Accounts];

        accounts.Count.ShouldBe(10);
    }

    [Fact]
    public async Task Query_ConnectionCutBetweenRows_IsRetriedAndComplete()
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        await context.Accounts.ToListAsync(Token);
        bank.Proxy.CutOpenAfter(Data.TestServers.Direction.ToClient, 120);

        (await context.Accounts.AsNoTracking().ToListAsync(Token)).Count.ShouldBe(10);
        bank.Proxy.ConnectionCount.ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SaveChanges_CommitAnswerLost_IsDoneOnceAndAccepted(bool isAsync)
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        var account = new Account { Owner = "new" };
        context.Add(account);
        bank.LoseAnswer(StrategyBank.Commit);

        var rows = isAsync ? await context.SaveChangesAsync(Token) : context.SaveChanges();

        rows.ShouldBe(1);
        account.Id.ShouldBeGreaterThan(1000);
        context.Entry(account).State.ShouldBe(EntityState.Unchanged);
        (await bank.Database.ScalarAsync<int>("SELECT id FROM accounts WHERE owner = 'new'")).ShouldBe(account.Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SaveChanges_CommitNeverArrives_IsRepeated(bool isAsync)
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        context.Add(new Account { Owner = "new" });
        bank.CutBefore(StrategyBank.Commit, times: 2);

        _ = isAsync ? await context.SaveChangesAsync(Token) : context.SaveChanges();

        (await bank.CountAsync("new")).ShouldBe(1);
    }

    [Fact]
    public async Task SaveChanges_SecondSaveAfterALostAnswer_IsDoneOnce()
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        var account = new Account { Owner = "new" };
        context.Add(account);
        bank.LoseAnswer(StrategyBank.Commit);
        await context.SaveChangesAsync(Token);
        account.Balance = 7;
        bank.LoseAnswer(StrategyBank.Commit);

        (await context.SaveChangesAsync(Token)).ShouldBe(1);

        (await bank.Database.BalanceAsync(account.Id)).ShouldBe(7);
    }

    [Theory]
    [InlineData(true, StrategyBank.Commit)]
    [InlineData(false, StrategyBank.Commit)]
    [InlineData(true, "UPDATE accounts")]
    [InlineData(false, "UPDATE accounts")]
    public async Task ExecuteUpdate_AnswerLost_IsDoneOnce(bool isAsync, string statement)
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        bank.LoseAnswer(statement);

        var query = context.Accounts.Where(account => account.Id == 1);
        var rows = isAsync
            ? await query.ExecuteUpdateAsync(set => set.SetProperty(account => account.Balance, account => account.Balance + 1), Token)
            : query.ExecuteUpdate(set => set.SetProperty(account => account.Balance, account => account.Balance + 1));

        rows.ShouldBe(1);
        (await bank.Database.BalanceAsync(1)).ShouldBe(101);
    }

    [Fact]
    public async Task ExecuteUpdate_StatementFails_LeavesTheConnectionUsable()
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();

        await Should.ThrowAsync<PostgresException>(() => context.Accounts
            .ExecuteUpdateAsync(set => set.SetProperty(account => account.Owner, "same"), Token));

        (await context.Accounts.ExecuteDeleteAsync(Token)).ShouldBe(10);
        (await bank.Database.ScalarAsync<long>("SELECT count(*) FROM accounts")).ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SingleStatement_NotVerifiedAndAnswerLost_IsAmbiguousAndNotRepeated(bool saves)
    {
        await using var bank = await StrategyBank.CreateAsync(options => options.VerifySingleStatements = false);
        await using var context = bank.NewContext();
        bank.LoseAnswer(saves ? "INSERT" : "UPDATE");
        context.Add(new Account { Owner = "new" });

        var ambiguous = await Should.ThrowAsync<AmbiguousCommitException>(() => saves
            ? context.SaveChangesAsync(Token)
            : context.Accounts.Where(account => account.Id == 1)
                .ExecuteUpdateAsync(set => set.SetProperty(account => account.Balance, account => account.Balance + 1), Token));

        ambiguous.Outcome.ShouldBe(CommitOutcome.Unknown);
        ambiguous.TransactionId.ShouldBeNull();
        (await bank.CountAsync("new")).ShouldBe(saves ? 1 : 0);
        (await bank.Database.BalanceAsync(1)).ShouldBe(saves ? 100 : 101);
    }

    [Theory]
    [InlineData("sql")]
    [InlineData("query")]
    [InlineData("scalar")]
    public async Task RawWrite_AnswerLostInADelegate_IsAmbiguousAndNotRepeated(string kind)
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        bank.LoseAnswer("balance + 1");
        const string Sql = "UPDATE accounts SET balance = balance + 1 WHERE id = 1";

        await Should.ThrowAsync<AmbiguousCommitException>(() => context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            if (kind == "sql")
                await context.Database.ExecuteSqlRawAsync(Sql, Token);
            else if (kind == "query")
                await context.Accounts.FromSqlRaw(Sql + " RETURNING *").ToListAsync(Token);
            else
                await context.Database.SqlQueryRaw<long>("-- tag\n" + Sql + " RETURNING balance AS \"Value\"").ToListAsync(Token);
        }));

        (await bank.Database.BalanceAsync(1)).ShouldBe(101);
    }

    [Fact]
    public async Task RawRead_AnswerLostInADelegate_IsRetried()
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        bank.LoseAnswer("SELECT 42");

        (await context.Database.SqlQueryRaw<int>("SELECT 42 AS \"Value\"").SingleAsync(Token)).ShouldBe(42);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delegate_CommitNeverArrives_RunsAgainWithTheChangeTrackerAsItWas(bool addsInside)
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        var outside = new Account { Owner = "outside" };
        context.Add(outside);
        bank.CutBefore(StrategyBank.Commit);
        var runs = 0;

        await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            runs++;
            await using var transaction = await context.Database.BeginTransactionAsync(Token);
            if (addsInside)
                context.Add(new Account { Owner = "inside" });
            await context.SaveChangesAsync(Token);
            await transaction.CommitAsync(Token);
        });

        runs.ShouldBe(2);
        (await bank.CountAsync("outside")).ShouldBe(1);
        (await bank.CountAsync("inside")).ShouldBe(addsInside ? 1 : 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delegate_CommitAnswerLost_RunsOnce(bool isAsync)
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        bank.LoseAnswer(StrategyBank.Commit);
        var runs = 0;
        var strategy = context.Database.CreateExecutionStrategy();

        if (isAsync)
        {
            await strategy.ExecuteInTransactionAsync(
                async token =>
                {
                    runs++;
                    context.Add(new Account { Owner = "new" });
                    await context.SaveChangesAsync(token);
                },
                _ => throw new InvalidOperationException("The commit is verified already."),
                Token);
        }
        else
        {
            strategy.ExecuteInTransaction(
                () =>
                {
                    runs++;
                    context.Add(new Account { Owner = "new" });
                    context.SaveChanges();
                },
                () => throw new InvalidOperationException("The commit is verified already."));
        }

        runs.ShouldBe(1);
        (await bank.CountAsync("new")).ShouldBe(1);
    }

    [Fact]
    public async Task Delegate_ContextsOfItsOwnInATransaction_LeaveRetriesToTheOuterStrategy()
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var outer = bank.NewContext();
        bank.CutBefore("UPDATE");
        var runs = 0;

        await outer.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            runs++;
            await using var context = bank.NewContext();
            await using var transaction = await context.Database.BeginTransactionAsync(IsolationLevel.Serializable, Token);
            (await context.Accounts.SingleAsync(account => account.Id == 1, Token)).Balance++;
            await context.SaveChangesAsync(Token);
            await transaction.CommitAsync(Token);
        });

        runs.ShouldBe(2);
        (await bank.Database.BalanceAsync(1)).ShouldBe(101);
    }

    [Fact]
    public async Task Delegate_FailsAfterItsFirstCommit_IsNotRepeated()
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        var runs = 0;

        await Should.ThrowAsync<Exception>(() => context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            runs++;
            context.Add(new Account { Owner = "first " + runs });
            await context.SaveChangesAsync(Token);
            bank.CutBefore("INSERT");
            context.Add(new Account { Owner = "second" });
            await context.SaveChangesAsync(Token);
        }));

        runs.ShouldBe(1);
        (await bank.CountAsync("first 1")).ShouldBe(1);
        (await bank.CountAsync("second")).ShouldBe(0);
    }

    [Fact]
    public async Task Delegate_ThrowsByItself_IsNotRepeatedAndNotCounted()
    {
        await using var bank = await StrategyBank.CreateAsync(options =>
        {
            options.CircuitBreaker.FailFast = true;
            options.CircuitBreaker.MinimumThroughput = 2;
            options.CircuitBreaker.FailureRatio = 0.1;
        });
        await using var context = bank.NewContext();
        var runs = 0;
        for (var call = 0; call < 10; call++)
        {
            await Should.ThrowAsync<IOException>(() => context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
            {
                runs++;
                await context.Accounts.CountAsync(Token);
                throw new IOException("Not the database's.");
            }));
        }

        runs.ShouldBe(10);
        (await context.Accounts.CountAsync(Token)).ShouldBe(10);
    }

    [Fact]
    public async Task Delegate_SwallowsAFailedStatement_IsToldThatNothingWasCommitted()
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();

        await Should.ThrowAsync<DbSessionAbortedException>(() => context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Token);
            await context.Database.ExecuteSqlRawAsync("UPDATE accounts SET balance = 0", Token);
            await Should.ThrowAsync<PostgresException>(() => context.Database.ExecuteSqlRawAsync("SELECT 1 / 0", Token));
            await transaction.CommitAsync(Token);
        }));

        (await bank.Database.BalanceAsync(1)).ShouldBe(100);
    }


    private static void OpenEarly(ExecutionStrategyOptions options)
    {
        options.Retry.MaxRetryAttempts = 0;
        options.CircuitBreaker.FailFast = true;
        options.CircuitBreaker.MinimumThroughput = 2;
        options.CircuitBreaker.BreakDuration = TimeSpan.FromMinutes(1);
        options.CircuitBreaker.MaxBreakDuration = TimeSpan.FromMinutes(1);
    }

    private static async Task<DbSessionRejectedException> OpenCircuitAsync(Func<Task<int>> failing)
    {
        Exception? last = null;
        for (var call = 0; call < 10 && last is not DbSessionRejectedException; call++)
            last = await Should.ThrowAsync<Exception>(failing);
        return last.ShouldBeOfType<DbSessionRejectedException>();
    }

    private static void RefuseAfterLoss(StrategyBank bank)
    {
        bank.LoseAnswer(StrategyBank.Commit);
        var inspect = bank.Proxy.Inspect!;
        bank.Proxy.Inspect = chunk =>
        {
            if (chunk.Direction == Data.TestServers.Direction.ToServer && chunk.Contains("COMMIT\0"u8))
                bank.Proxy.RefuseNewConnections();
            return inspect(chunk);
        };
    }
}
