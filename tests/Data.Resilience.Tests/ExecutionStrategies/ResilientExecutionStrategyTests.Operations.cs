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

/// <summary>What an operation of several statements does, and what reaches the database beside EF.</summary>
public sealed partial class ResilientExecutionStrategyTests
{
    [Fact]
    public async Task Delegate_ThatOnlyReadLosesItsCommit_RunsAgainWithoutVerification()
    {
        await using var bank = await StrategyBank.CreateAsync();
        using var measures = new NodeMeasures("bank");
        await using var context = bank.NewContext();
        bank.LoseAnswer(StrategyBank.Commit);
        var runs = 0;

        await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            runs++;
            await using var transaction = await context.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, Token);
            await context.Accounts.CountAsync(Token);
            await transaction.CommitAsync(Token);
        });

        runs.ShouldBe(2);
    }

    [Fact]
    public async Task SaveChanges_OutcomeCannotBeFoundOut_IsAmbiguousAndNotRepeated()
    {
        await using var bank = await StrategyBank.CreateAsync(
            options => options.Retry.CommitVerificationTimeout = TimeSpan.FromMilliseconds(200));
        await using var context = bank.NewContext();
        await context.Accounts.CountAsync(Token);
        context.Add(new Account { Owner = "new" });
        RefuseAfterLoss(bank);

        var ambiguous = await Should.ThrowAsync<AmbiguousCommitException>(() => context.SaveChangesAsync(Token));

        ambiguous.TransactionId.ShouldNotBeNull();
        ambiguous.SystemIdentifier.ShouldNotBeNull();
        (await bank.CountAsync("new")).ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delegate_OutcomeCannotBeFoundOut_AsksTheCallersVerification(bool isThere)
    {
        await using var bank = await StrategyBank.CreateAsync(
            options => options.Retry.CommitVerificationTimeout = TimeSpan.FromMilliseconds(200));
        await using var context = bank.NewContext();
        await context.Accounts.CountAsync(Token);
        RefuseAfterLoss(bank);
        var strategy = context.Database.CreateExecutionStrategy();

        var call = strategy.ExecuteAsync(
            0,
            async (_, token) =>
            {
                context.Add(new Account { Owner = "new" });
                return await context.SaveChangesAsync(token);
            },
            (_, _) => Task.FromResult(new ExecutionResult<int>(isThere, 5)),
            Token);

        if (isThere)
            (await call).ShouldBe(5);
        else
            await Should.ThrowAsync<AmbiguousCommitException>(() => call);
        (await bank.CountAsync("new")).ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Transaction_BegunOutsideOfTheStrategy_IsRefusedWithTheRemedy(bool saves)
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        await using var transaction = await context.Database.BeginTransactionAsync(Token);
        context.Add(new Account { Owner = "new" });

        var refusal = await Should.ThrowAsync<InvalidOperationException>(
            () => saves ? context.SaveChangesAsync(Token) : context.Accounts.CountAsync(Token));

        refusal.Message.ShouldContain("CreateExecutionStrategy()");
        refusal.Message.ShouldContain("WriteAsync");
    }

    [Fact]
    public async Task Query_CallerCancels_IsNotRetried()
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var asked = 0;
        bank.Proxy.Inspect = chunk =>
        {
            if (chunk.Direction == Data.TestServers.Direction.ToServer && chunk.Contains("pg_sleep"u8))
            {
                asked++;
                caller.Cancel();
            }

            return Data.TestServers.ChunkVerdict.Forward;
        };

        await Should.ThrowAsync<OperationCanceledException>(
            () => context.Database.SqlQueryRaw<int>("SELECT 1 AS \"Value\" FROM pg_sleep(30)").ToListAsync(caller.Token));

        asked.ShouldBe(1);
    }

    [Fact]
    public async Task Contexts_OverOneConnectionString_ShareTheCircuit()
    {
        await using var bank = await StrategyBank.CreateAsync(OpenEarly);
        bank.Proxy.RefuseNewConnections();

        var rejection = await OpenCircuitAsync(async () =>
        {
            await using var context = bank.NewContext();
            return await context.Accounts.CountAsync(Token);
        });

        rejection.Node.ShouldBe("bank");
    }

    [Fact]
    public async Task Context_MovedToAnotherDatabase_LeavesItsCircuitBehind()
    {
        await using var bank = await StrategyBank.CreateAsync(OpenEarly);
        await using var other = await BankDatabase.CreateAsync();
        await using var context = bank.NewContext();
        bank.Proxy.RefuseNewConnections();
        await OpenCircuitAsync(() => context.Accounts.CountAsync(Token));

        context.Database.SetConnectionString(other.ConnectionString);

        (await context.Accounts.CountAsync(Token)).ShouldBe(10);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delegate_AnotherDatabaseFails_IsNotCountedAgainstItsOwn(bool isAsync)
    {
        await using var bank = await StrategyBank.CreateAsync(OpenEarly);
        await using var context = bank.NewContext();
        var options = new DbContextOptionsBuilder<VaultContext>()
            .UseNpgsql("Host=127.0.0.1;Port=1;Timeout=5")
            .UseDataResilience()
            .Options;
        for (var call = 0; call < 10; call++)
        {
            var strategy = context.Database.CreateExecutionStrategy();
            await Should.ThrowAsync<NpgsqlException>(() => strategy.ExecuteAsync(async () =>
            {
                await using var other = new VaultContext(options);
                _ = isAsync ? await other.Set<Secret>().CountAsync(Token) : other.Set<Secret>().Count();
            }));
        }

        (await context.Accounts.CountAsync(Token)).ShouldBe(10);
    }

    [Fact]
    public async Task RawWrite_CallerCancelsAndServerAnswers_IsCancelledAndNotAmbiguous()
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        bank.Proxy.Inspect = chunk =>
        {
            // After the statement has begun: a cancellation that overtakes it changes nothing, and the outcome would be unknown.
            if (chunk.Direction == Data.TestServers.Direction.ToServer && chunk.Contains("pg_sleep"u8))
                caller.CancelAfter(TimeSpan.FromMilliseconds(300));
            return Data.TestServers.ChunkVerdict.Forward;
        };

        await Should.ThrowAsync<OperationCanceledException>(() => context.Database.CreateExecutionStrategy().ExecuteAsync(
            token => context.Database.ExecuteSqlRawAsync("UPDATE accounts SET balance = 0 FROM pg_sleep(30)", token),
            caller.Token));

        (await bank.Database.BalanceAsync(1)).ShouldBe(100);
    }

    [Fact]
    public async Task RawWrite_CallerCancelsAndNobodyAnswers_IsAmbiguous()
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        await context.Accounts.CountAsync(Token);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        bank.Proxy.Inspect = chunk =>
        {
            if (chunk.Direction == Data.TestServers.Direction.ToServer && chunk.Contains("balance = 7"u8))
            {
                bank.Proxy.Blackhole();
                caller.CancelAfter(TimeSpan.FromMilliseconds(100));
            }

            return Data.TestServers.ChunkVerdict.Forward;
        };

        await Should.ThrowAsync<AmbiguousCommitException>(() => context.Database.CreateExecutionStrategy().ExecuteAsync(
            token => context.Database.ExecuteSqlRawAsync("UPDATE accounts SET balance = 7", token),
            caller.Token));
    }

    [Fact]
    public async Task RawWrite_DoneAndALaterReadLosesItsAnswer_IsNotRepeated()
    {
        await using var bank = await StrategyBank.CreateAsync();
        await using var context = bank.NewContext();
        bank.LoseAnswer("FROM accounts");
        var runs = 0;

        await Should.ThrowAsync<NpgsqlException>(() => context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            runs++;
            await context.Database.ExecuteSqlRawAsync("UPDATE accounts SET balance = balance + 1 WHERE id = 1", Token);
            await context.Accounts.CountAsync(Token);
        }));

        runs.ShouldBe(1);
        (await bank.Database.BalanceAsync(1)).ShouldBe(101);
    }

    [Fact]
    public async Task Pool_Exhausted_IsNotCountedAgainstTheCircuit()
    {
        await using var bank = await StrategyBank.CreateAsync(OpenEarly, maxPoolSize: 1);
        await using var holder = bank.NewContext();
        await holder.Database.OpenConnectionAsync(Token);
        for (var call = 0; call < 3; call++)
        {
            await using var context = bank.NewContext();
            await Should.ThrowAsync<NpgsqlException>(() => context.Accounts.CountAsync(Token));
        }

        (await holder.Accounts.CountAsync(Token)).ShouldBe(10);
    }

    [Fact]
    public void UseDataResilience_SettingOutOfRange_IsRefusedAtOnce()
    {
        var refusal = Should.Throw<OptionsValidationException>(
            () => new DbContextOptionsBuilder().UseDataResilience(options => options.Retry.MaxRetryAttempts = 101));

        refusal.Message.ShouldContain("MaxRetryAttempts");
    }

    [Fact]
    public async Task UseDataResilience_InsideUseNpgsqlAndTwice_VerifiesOnce()
    {
        await using var bank = await StrategyBank.CreateAsync();
        var options = new DbContextOptionsBuilder<Bank>()
            .UseDataResilience()
            .UseNpgsql(bank.ConnectionString, npgsql => npgsql.UseDataResilience())
            .Options;
        await using var context = new Bank(options);
        context.Add(new Account { Owner = "new" });
        bank.LoseAnswer(StrategyBank.Commit);

        await context.SaveChangesAsync(Token);

        (await bank.CountAsync("new")).ShouldBe(1);
    }

    [Fact]
    public async Task SaveChanges_RoleMayNotReadTheIdentity_GoesOnWithoutVerification()
    {
        await using var bank = await StrategyBank.CreateAsync(isRestricted: true);
        await using var context = bank.NewContext();
        context.Add(new Account { Owner = "first" });
        (await context.SaveChangesAsync(Token)).ShouldBe(1);
        context.Add(new Account { Owner = "second" });
        bank.LoseAnswer(StrategyBank.Commit);

        var ambiguous = await Should.ThrowAsync<AmbiguousCommitException>(() => context.SaveChangesAsync(Token));

        ambiguous.TransactionId.ShouldNotBeNull();
        ambiguous.SystemIdentifier.ShouldBeNull();
        ambiguous.Message.ShouldContain("pg_control_system");
        (await bank.CountAsync("first")).ShouldBe(1);
        (await bank.CountAsync("second")).ShouldBe(1);
    }
}
