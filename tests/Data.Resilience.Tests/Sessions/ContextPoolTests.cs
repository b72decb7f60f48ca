using System.Collections.Concurrent;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Resilience.Tests.Sessions;

/// <summary>A context serves one session at a time, whatever delegates do to it.</summary>
public sealed class ContextPoolTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DbSessionKind.Read, true)]
    [InlineData(DbSessionKind.Read, false)]
    [InlineData(DbSessionKind.Write, true)]
    [InlineData(DbSessionKind.Write, false)]
    public async Task Dispose_InTheDelegate_LeavesTheContextToItsSession(DbSessionKind kind, bool isAsync)
    {
        await using var bank = await BankDatabase.CreateAsync();

        await bank.Sessions.ExecuteAsync(
            kind,
            async (outer, _, token) =>
            {
                var first = outer.Context;
                await first.Accounts.CountAsync(token);
                await DisposeAsync(first, isAsync);
                await InSessionOfItsOwnAsync(bank, DbSessionKind.Write, async (inner, innerToken) =>
                {
                    inner.Context.ShouldNotBeSameAs(first);
                    inner.Context.Add(new Account { Owner = "inner" });
                    await DisposeAsync(first, isAsync);
                    await DisposeAsync(inner.Context, isAsync);
                    await inner.Context.SaveChangesAsync(innerToken);
                });
                outer.Context.ShouldBeSameAs(first);
                if (kind == DbSessionKind.Write)
                    first.Add(new Account { Owner = "outer" });
                await first.SaveChangesAsync(token);
                return await first.Accounts.CountAsync(token);
            },
            state: 0,
            cancellationToken: Token);

        (await CountAsync(bank, "inner")).ShouldBe(1);
        (await CountAsync(bank, "outer")).ShouldBe(kind == DbSessionKind.Write ? 1 : 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispose_OfAContextThatServesTheNextSession_LeavesItToThat(bool isAsync)
    {
        await using var bank = await BankDatabase.CreateAsync();
        var kept = await bank.Sessions.ReadAsync((session, _) => Task.FromResult(session.Context), cancellationToken: Token);

        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                session.Context.ShouldBeSameAs(kept);
                session.Context.Add(new Account { Owner = "next" });
                await DisposeAsync(kept, isAsync);
                await InSessionOfItsOwnAsync(bank, DbSessionKind.Write, (third, _) =>
                {
                    third.Context.ShouldNotBeSameAs(kept);
                    third.Context.ChangeTracker.Entries().ShouldBeEmpty();
                    return Task.CompletedTask;
                });
                (await session.Context.SaveChangesAsync(token)).ShouldBe(1);
            },
            cancellationToken: Token);

        (await CountAsync(bank, "next")).ShouldBe(1);
    }

    [Fact]
    public async Task Lend_HalfOfTheDelegatesDisposeOfTheirContexts_NoContextIsSharedAndNoWriteIsLost()
    {
        const int Count = 600;
        await using var bank = await BankDatabase.CreateAsync();
        var lent = new ConcurrentDictionary<Bank, int>();

        await Parallel.ForEachAsync(
            Enumerable.Range(0, Count),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token },
            async (number, token) => await bank.Sessions.WriteAsync(
                async (session, inner) =>
                {
                    lent.TryAdd(session.Context, number).ShouldBeTrue();
                    try
                    {
                        await using var own = number % 2 == 0 ? session.Context : null;
                        session.Context.ChangeTracker.Entries().ShouldBeEmpty();
                        session.Context.Add(new Account { Owner = "caller " + number });
                        await Task.Yield();
                        if (number % 4 == 0)
                            await own!.DisposeAsync();
                        (await session.Context.SaveChangesAsync(inner)).ShouldBe(1);
                    }
                    finally
                    {
                        lent.TryRemove(session.Context, out _).ShouldBeTrue();
                    }
                },
                cancellationToken: token));

        (await bank.ScalarAsync<long>("SELECT count(*) FROM accounts WHERE owner LIKE 'caller %'")).ShouldBe(Count);
    }

    [Fact]
    public async Task Lend_TrackerChangedWhileInThePool_IsEmpty()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var (kept, tracker) = await bank.Sessions.WriteAsync(
            (session, _) => Task.FromResult((session.Context, session.Context.ChangeTracker)), cancellationToken: Token);
        tracker.TrackGraph(new Account { Owner = "late" }, static node => node.Entry.State = EntityState.Added);

        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                session.Context.ShouldBeSameAs(kept);
                session.Context.ChangeTracker.Entries().ShouldBeEmpty();
                await session.Context.SaveChangesAsync(token);
            },
            cancellationToken: Token);

        (await CountAsync(bank, "late")).ShouldBe(0);
    }

    [Fact]
    public async Task Lend_AfterAReadSession_TracksInAWriteSession()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var kept = await bank.Sessions.ReadAsync((session, _) => Task.FromResult(session.Context), cancellationToken: Token);

        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                session.Context.ShouldBeSameAs(kept);
                (await session.Context.Accounts.SingleAsync(row => row.Id == 1, token)).Balance = 5;
                (await session.Context.SaveChangesAsync(token)).ShouldBe(1);
            },
            cancellationToken: Token);

        (await bank.BalanceAsync(1)).ShouldBe(5);
    }

    [Fact]
    public async Task Lend_ContextsOfTheFactory_AreNeverThoseOfSessions()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var contexts = bank.Services.GetRequiredService<IDbContextFactory<Bank>>();
        var served = await bank.Sessions.ReadAsync((session, _) => Task.FromResult(session.Context), cancellationToken: Token);

        await using (var context = await contexts.CreateDbContextAsync(Token))
        {
            context.ShouldNotBeSameAs(served);
            (await context.Accounts.CountAsync(Token)).ShouldBe(10);
            await Should.ThrowAsync<InvalidOperationException>(() => served.Accounts.CountAsync(Token));
        }

        await bank.Sessions.ReadAsync(
            (session, token) =>
            {
                session.Context.ShouldBeSameAs(served);
                return session.Context.Accounts.CountAsync(token);
            },
            cancellationToken: Token);
    }

    [Fact]
    public async Task Lend_HandlersThatTheContextsConstructorAdds_AreThereInEverySession()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await using var services = Configure(bank.ConnectionString).BuildServiceProvider();
        var sessions = services.GetRequiredService<IDbSessionFactory<Audited>>();

        for (var round = 1; round <= 3; round++)
        {
            await sessions.WriteAsync(
                async (session, token) =>
                {
                    session.Context.Add(new Account { Owner = "audited " + round });
                    await session.Context.SaveChangesAsync(token);
                    session.Context.Events.ShouldBe(["tracking", "saving"]);
                    session.Context.Events.Clear();
                },
                cancellationToken: Token);
        }

        static ServiceCollection Configure(string connectionString)
        {
            var services = new ServiceCollection();
            services.AddDataResilience<Audited>(options => options.ConnectionString = connectionString);
            return services;
        }
    }

    private static async Task DisposeAsync(Bank context, bool isAsync)
    {
        if (isAsync)
            await context.DisposeAsync();
        else
#pragma warning disable CA1849 // The blocking method is what is tested.
            context.Dispose();
#pragma warning restore CA1849
    }

    private static async Task InSessionOfItsOwnAsync(
        BankDatabase bank, DbSessionKind kind, Func<IDbSession<Bank>, CancellationToken, Task> work)
    {
        Task running;
        using (ExecutionContext.SuppressFlow())
        {
            running = Task.Run(
                async () => await bank.Sessions.ExecuteAsync(
                    kind,
                    static async (session, work, token) =>
                    {
                        await work(session, token);
                        return 0;
                    },
                    work),
                Token);
        }

        await running;
    }

    private static Task<long> CountAsync(BankDatabase bank, string owner) =>
        bank.ScalarAsync<long>($"SELECT count(*) FROM accounts WHERE owner = '{owner}'");

    private sealed class Audited : DbContext
    {
        public Audited(DbContextOptions<Audited> options)
            : base(options)
        {
            ChangeTracker.Tracking += (_, _) => Events.Add("tracking");
            SavingChanges += (_, _) => Events.Add("saving");
        }

        public List<string> Events { get; } = [];

        protected override void OnModelCreating(ModelBuilder modelBuilder) =>
            modelBuilder.Entity<Account>(account =>
            {
                account.ToTable("accounts");
                account.Property(row => row.Id).HasColumnName("id");
                account.Property(row => row.Owner).HasColumnName("owner");
                account.Property(row => row.Balance).HasColumnName("balance");
            });
    }
}
