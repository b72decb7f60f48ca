using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Resilience.Tests.Interceptors;

public sealed class SessionGuardTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("query")]
    [InlineData("context")]
    [InlineData("sql")]
    public async Task Command_OfAFlowThatAnEarlierSessionLeft_IsRefusedInALaterSession(string kept)
    {
        await using var bank = await BankDatabase.CreateAsync();
        var gate = new TaskCompletionSource();
        Bank? first = null;
        Task<int>? leftover = null;
        await bank.Sessions.ReadAsync(
            (session, _) =>
            {
                first = session.Context;
                var query = first.Accounts.Where(account => account.Id > 0);
                leftover = Task.Run(
                    async () =>
                    {
                        await gate.Task;
                        return kept switch
                        {
                            "query" => (await query.ToListAsync()).Count,
                            "context" => await first.Accounts.CountAsync(),
                            _ => await first.Database.ExecuteSqlRawAsync("SELECT 1"),
                        };
                    });
                return Task.FromResult(0);
            },
            cancellationToken: Token);

        var count = await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                session.Context.ShouldBeSameAs(first);
                gate.SetResult();
                var error = await Should.ThrowAsync<InvalidOperationException>(() => leftover!);
                error.Message.ShouldContain("outside of the session that it was made in");
                return await session.Context.Accounts.CountAsync(token);
            },
            cancellationToken: Token);

        count.ShouldBe(10);
    }

    [Fact]
    public async Task Command_OfAnEarlierAttemptsFlow_IsRefusedInTheNextAttempt()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var gate = new TaskCompletionSource();
        Task<int>? leftover = null;

        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                var context = session.Context;
                if (session.Attempt == 1)
                {
                    leftover = Task.Run(
                        async () =>
                        {
                            await gate.Task;
                            return await context.Accounts.CountAsync(CancellationToken.None);
                        },
                        token);
                    await context.Database.ExecuteSqlRawAsync("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", token);
                }

                gate.SetResult();
                await Should.ThrowAsync<InvalidOperationException>(() => leftover!);
                return await context.Accounts.CountAsync(token);
            },
            cancellationToken: Token);
    }

    [Fact]
    public async Task Command_WhileTheSessionCommits_IsRefused()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await bank.ScalarAsync<string>(
            """
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON accounts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();
            SELECT 'done';
            """);
        Task<int>? leftover = null;

        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                var context = session.Context;
                leftover = Task.Run(
                    async () =>
                    {
                        while (!((DbSession)session).IsCompleted)
                            await Task.Yield();
                        return await context.Accounts.CountAsync(CancellationToken.None);
                    },
                    token);
                return await context.Accounts.Where(account => account.Id == 1)
                    .ExecuteUpdateAsync(set => set.SetProperty(account => account.Balance, 1), token);
            },
            cancellationToken: Token);

        (await Should.ThrowAsync<InvalidOperationException>(() => leftover!)).Message.ShouldContain("that session has ended");
    }

    [Fact]
    public async Task Command_AfterTheDelegateReturned_IsRefused()
    {
        await using var bank = await BankDatabase.CreateAsync();
        Bank? kept = null;
        await bank.Sessions.ReadAsync((session, _) => Task.FromResult(kept = session.Context), cancellationToken: Token);

        await Should.ThrowAsync<InvalidOperationException>(() => kept!.Accounts.CountAsync(Token));
    }

    [Fact]
    public async Task Command_OfFlowsInsideTheDelegate_Passes()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await using var other = await BankDatabase.CreateAsync();

        var counts = await bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                var context = session.Context;
                var inTask = await Task.Run(() => context.Accounts.CountAsync(token), token);
                var inOther = await other.Sessions.WriteAsync((_, inner) => context.Accounts.CountAsync(inner), cancellationToken: token);
                var inJoined = await bank.Sessions.ReadAsync(
                    (joined, inner) => joined.Context.Accounts.CountAsync(inner), cancellationToken: token);
                return new[] { inTask, inOther, inJoined };
            },
            cancellationToken: Token);

        counts.ShouldAllBe(count => count == 10);
    }

    [Fact]
    public async Task Command_OfTheDelegateInASuppressedFlow_IsRefusedWithWhatToDo()
    {
        await using var bank = await BankDatabase.CreateAsync();

        var count = await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                var context = session.Context;
                Task<int> unflowed;
                using (ExecutionContext.SuppressFlow())
                    unflowed = Task.Run(() => context.Accounts.CountAsync(token), token);
                var error = await Should.ThrowAsync<InvalidOperationException>(() => unflowed);
                error.Message.ShouldContain("let the execution context flow to it");
                error.Message.ShouldContain("or open a session in it");
                return await context.Accounts.CountAsync(token);
            },
            cancellationToken: Token);

        count.ShouldBe(10);
    }

    [Fact]
    public async Task Command_OfAContextThatNoSessionOwns_PassesInEveryFlow()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var contexts = bank.Services.GetRequiredService<IDbContextFactory<Bank>>();
        var gate = new TaskCompletionSource();
        Task<int>? leftover = null;
        await bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                await session.Context.Accounts.CountAsync(token);
                leftover = Task.Run(() => AddAsync(gate.Task), token);
                return await AddAsync(Task.CompletedTask);
            },
            cancellationToken: Token);
        gate.SetResult();

        (await leftover!).ShouldBe(1);
        (await bank.ScalarAsync<long>("SELECT count(*) FROM accounts")).ShouldBe(12);

        async Task<int> AddAsync(Task start)
        {
            await start;
            await using var context = await contexts.CreateDbContextAsync();
            context.Add(new Account { Owner = Guid.NewGuid().ToString() });
            return await context.SaveChangesAsync();
        }
    }
}
