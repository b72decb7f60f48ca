using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Tests.Savepoints;

public sealed class SavepointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SavepointAsync_WorkThrows_UndoesItAloneAndTheSessionGoesOn()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                await SetBalanceAsync(session, 1, 1, token);
                await FailAsync(session, inner => SetBalanceAsync(session, 2, 1, inner), token);
                await SetBalanceAsync(session, 3, 1, token);
            },
            cancellationToken: Token);

        (await bank.BalanceAsync(1)).ShouldBe(1);
        (await bank.BalanceAsync(2)).ShouldBe(100);
        (await bank.BalanceAsync(3)).ShouldBe(1);
    }

    [Fact]
    public async Task SavepointAsync_Nested_EachLevelUndoesItsOwn()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                await session.SavepointAsync(
                    async middle =>
                    {
                        await SetBalanceAsync(session, 1, 1, middle);
                        await FailAsync(session, inner => SetBalanceAsync(session, 2, 1, inner), middle);
                        await session.SavepointAsync(
                            async inner =>
                            {
                                await SetBalanceAsync(session, 3, 1, inner);
                                return 0;
                            },
                            middle);
                        return 0;
                    },
                    token);
            },
            cancellationToken: Token);

        (await bank.ScalarAsync<string>("SELECT string_agg(balance::text, ',' ORDER BY id) FROM accounts WHERE id < 4")).ShouldBe(
            "1,100,1");
    }

    [Fact]
    public async Task SavepointAsync_WorkThrows_ChangeTrackerGetsItsEarlierStatesAndValuesBack()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                var context = session.Context;
                var unchanged = await context.Accounts.SingleAsync(row => row.Id == 1, token);
                var modified = await context.Accounts.SingleAsync(row => row.Id == 2, token);
                modified.Balance = 222;
                var deleted = await context.Accounts.SingleAsync(row => row.Id == 3, token);
                var added = new Account { Owner = "added before" };
                context.Add(added);
                var doomed = await context.Accounts.SingleAsync(row => row.Id == 4, token);
                context.Remove(doomed);
                var added2 = new Account { Owner = "inside" };

                await FailAsync(
                    session,
                    async inner =>
                    {
                        unchanged.Balance = 1;
                        modified.Balance = 2;
                        context.Remove(deleted);
                        context.Add(added2);
                        await context.Accounts.SingleAsync(row => row.Id == 5, inner);
                        await context.SaveChangesAsync(inner);
                    },
                    token);

                context.Entry(unchanged).State.ShouldBe(EntityState.Unchanged);
                unchanged.Balance.ShouldBe(100);
                context.Entry(modified).State.ShouldBe(EntityState.Modified);
                modified.Balance.ShouldBe(222);
                context.Entry(modified).OriginalValues.GetValue<long>(nameof(Account.Balance)).ShouldBe(100);
                context.Entry(deleted).State.ShouldBe(EntityState.Unchanged);
                context.Entry(added).State.ShouldBe(EntityState.Added);
                context.Entry(added).Property(row => row.Id).IsTemporary.ShouldBeTrue();
                context.Entry(doomed).State.ShouldBe(EntityState.Deleted);
                context.Entry(added2).State.ShouldBe(EntityState.Detached);
                context.ChangeTracker.Entries().Count().ShouldBe(5);
                await context.SaveChangesAsync(token);
                added.Id.ShouldBeGreaterThan(0);
            },
            cancellationToken: Token);

        (await bank.ScalarAsync<string>("SELECT string_agg(id || '=' || balance, ',' ORDER BY id) FROM accounts WHERE id < 6")).ShouldBe(
            "1=100,2=222,3=100,5=100");
        (await bank.ScalarAsync<long>("SELECT count(*) FROM accounts WHERE owner = 'added before'")).ShouldBe(1);
    }

    [Fact]
    public async Task SavepointAsync_ConstraintViolation_CanBeHandled()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                await Should.ThrowAsync<DbUpdateException>(() => session.SavepointAsync(
                    async inner =>
                    {
                        session.Context.Add(new Account { Owner = "owner 1" });
                        return await session.Context.SaveChangesAsync(inner);
                    },
                    token));
                session.Context.ChangeTracker.Entries().ShouldBeEmpty();
                await SetBalanceAsync(session, 1, 5, token);
            },
            cancellationToken: Token);

        (await bank.BalanceAsync(1)).ShouldBe(5);
    }

    [Fact]
    public async Task SavepointAsync_JoinedCallFailsInside_DoesNotDoomTheSession()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                await Should.ThrowAsync<InvalidTimeZoneException>(() => session.SavepointAsync(
                    async inner =>
                    {
                        await bank.Sessions.WriteAsync((_, _) => throw new InvalidTimeZoneException(), cancellationToken: inner);
                        return 0;
                    },
                    token));
                await SetBalanceAsync(session, 1, 5, token);
            },
            cancellationToken: Token);

        (await bank.BalanceAsync(1)).ShouldBe(5);
    }

    [Fact]
    public async Task SavepointAsync_DeadlockInsideSwallowed_RepeatsTheWholeSession()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var attempts = 0;
        using var both = new Barrier(2);
        await Task.WhenAll(Move(1, 2), Move(2, 1));

        attempts.ShouldBeGreaterThan(2);
        (await bank.BalanceAsync(1)).ShouldBe(102);
        (await bank.BalanceAsync(2)).ShouldBe(102);

        Task Move(int first, int second) => Task.Run(async () => await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                Interlocked.Increment(ref attempts);
                await AddAsync(session, first, token);
                if (session.Attempt == 1)
                    both.SignalAndWait(TimeSpan.FromSeconds(10), token);
                try
                {
                    await session.SavepointAsync(
                        async inner =>
                        {
                            await AddAsync(session, second, inner);
                            return 0;
                        },
                        token);
                }
                catch (PostgresException)
                {
                    // A delegate that takes every failure for a partial one.
                }
            },
            cancellationToken: Token));
    }

    [Fact]
    public async Task SavepointAsync_WithoutTransaction_IsRefused()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await Should.ThrowAsync<InvalidOperationException>(() => bank.Sessions.ReadAsync(
            (session, token) => session.SavepointAsync(_ => Task.FromResult(1), token), cancellationToken: Token).AsTask());
    }

    private static Task<int> AddAsync(IDbSession<Bank> session, int id, CancellationToken token) =>
        session.Context.Database.ExecuteSqlAsync($"UPDATE accounts SET balance = balance + 1 WHERE id = {id}", token);

    private static Task<int> SetBalanceAsync(IDbSession<Bank> session, int id, long balance, CancellationToken token) =>
        session.Context.Accounts.Where(row => row.Id == id).ExecuteUpdateAsync(set => set.SetProperty(row => row.Balance, balance), token);

    private static Task<InvalidTimeZoneException> FailAsync(
        IDbSession<Bank> session,
        Func<CancellationToken, Task> work,
        CancellationToken token) =>
        Should.ThrowAsync<InvalidTimeZoneException>(() => session.SavepointAsync<int>(
            async inner =>
            {
                await work(inner);
                throw new InvalidTimeZoneException();
            },
            token));
}
