using Data.Resilience.Commits;
using Data.Resilience.Repositories;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Data.Resilience.Tests.Sessions;

/// <summary>A context that was kept from one session is of no use to anybody while it serves the next.</summary>
public sealed class ContextOwnerTests
{
    private const string Intruder = "intruder";

    private static readonly Dictionary<string, Func<Kept, Task>> Uses = new(StringComparer.Ordinal)
    {
        ["query"] = static kept => kept.Query.ToListAsync(),
        ["query, blocking"] = static kept => Task.Run(() => kept.Query.ToList()),
        ["count"] = static kept => kept.Context.Accounts.CountAsync(),
        ["tracking query"] = static kept => kept.Query.AsTracking().ToListAsync(),
        ["stream"] = static kept => kept.Stream.MoveNextAsync().AsTask(),
        ["find"] = static kept => kept.Context.Accounts.FindAsync(3).AsTask(),
        ["FromSql"] = static kept => kept.Context.Accounts.FromSql($"SELECT * FROM accounts").ToListAsync(),
        ["ExecuteSql"] = static kept => kept.Context.Database.ExecuteSqlAsync($"UPDATE accounts SET balance = 1"),
        ["ExecuteSql, blocking"] = static kept => Task.Run(() => kept.Context.Database.ExecuteSql($"UPDATE accounts SET balance = 1")),
        ["SqlQuery"] = static kept => kept.Context.Database.SqlQuery<int>($"SELECT 1 AS \"Value\"").SingleAsync(),
        ["ExecuteUpdate"] = static kept => kept.Query.ExecuteUpdateAsync(set => set.SetProperty(row => row.Balance, 1)),
        ["ExecuteDelete"] = static kept => kept.Query.ExecuteDeleteAsync(),
        ["SaveChanges"] = static kept => kept.Context.SaveChangesAsync(),
        ["SaveChanges, blocking"] = static kept => Task.Run(() => kept.Context.SaveChanges()),
        ["Add"] = static kept => Task.Run(() => kept.Context.Add(new Account { Owner = Intruder })),
        ["Add to the set"] = static kept => Task.Run(() => kept.Set.Add(new Account { Owner = Intruder })),
        ["Attach"] = static kept => Task.Run(() => kept.Context.Attach(new Account { Id = 3, Owner = Intruder })),
        ["Update"] = static kept => Task.Run(() => kept.Context.Update(new Account { Id = 3, Owner = Intruder })),
        ["Remove"] = static kept => Task.Run(() => kept.Context.Remove(new Account { Id = 3, Owner = "owner 3" })),
        ["State"] = static kept => Task.Run(() => kept.Context.Entry(new Account { Owner = Intruder }).State = EntityState.Added),
        ["State of a kept entry"] = static kept => Task.Run(() => kept.Entry.State = EntityState.Added),
        ["TrackGraph"] = static kept => Task.Run(
            () => kept.Tracker.TrackGraph(new Account { Owner = Intruder }, static node => node.Entry.State = EntityState.Added)),
        ["Remove what the other tracks"] = static kept => Task.Run(() => kept.Context.Remove(kept.Context.Accounts.Local.Single())),
        ["bulk insert"] = static kept => kept.Repository.BulkInsertAsync([new Account { Owner = Intruder }]),
        ["upsert"] = static kept => kept.Repository.UpsertAsync([new Account { Owner = Intruder }], static row => row.Owner),
    };

    public static TheoryData<string> UseNames { get; } = new(Uses.Keys);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(UseNames))]
    public async Task EnsureCurrent_KeptContextThatServesTheNextSession_IsRefusedAndTheNextIsUnharmed(string use)
    {
        await using var bank = await BankDatabase.CreateAsync();
        await using var other = BankDatabase.Connect(bank.ConnectionString);
        foreach (var kind in new[] { DbSessionKind.Write, DbSessionKind.Read })
        {
            var inNone = await IntrudeAsync(bank, kind, static (act, _) => act());
            inNone.ShouldContain("runs in no session", customMessage: kind.ToString());
            var inEnded = await IntrudeAsync(bank, kind, static (_, leftover) => leftover);
            inEnded.ShouldContain("runs in another session", customMessage: kind.ToString());
            var inOther = await IntrudeAsync(
                bank, kind, async (act, _) => await other.Sessions.WriteAsync((_, _) => act(), cancellationToken: Token));
            inOther.ShouldContain("runs in another session", customMessage: kind.ToString());
        }

        (await bank.ScalarAsync<long>("SELECT count(*) FROM accounts")).ShouldBe(10);
        (await bank.ScalarAsync<long>("SELECT sum(balance)::bigint FROM accounts WHERE id > 1")).ShouldBe(900);
        (await bank.BalanceAsync(1)).ShouldBe(103);

        async Task<string> IntrudeAsync(BankDatabase bank, DbSessionKind kind, Func<Func<Task>, Task, Task> intrude)
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var leftover = Task.CompletedTask;
            Kept kept = null!;
            await bank.Sessions.WriteAsync(
                (session, _) =>
                {
                    kept = new Kept(session);
                    leftover = Task.Run(() => UseAfterAsync(gate.Task, kept, use), Token);
                    return Task.CompletedTask;
                },
                cancellationToken: Token);

            var ready = new TaskCompletionSource<Bank>(TaskCreationOptions.RunContinuationsAsynchronously);
            var used = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var victim = Task.Run(() => RunVictimAsync(bank, kind, ready, used.Task), Token);
            (await ready.Task.WaitAsync(Token)).ShouldBeSameAs(kept.Context);
            gate.SetResult();
            await Should.ThrowAsync<InvalidOperationException>(() => leftover);
            var error = await Should.ThrowAsync<InvalidOperationException>(() => intrude(() => Uses[use](kept), leftover));
            used.SetResult();
            await victim;
            error.Message.ShouldContain("outside of the session that it was made in");
            return error.Message;
        }
    }

    [Fact]
    public async Task EnsureCurrent_StreamBegunInTheSessionBefore_IsRefusedInTheNext()
    {
        await using var bank = await BankDatabase.CreateAsync();
        IAsyncEnumerator<Account> stream = null!;
        Bank first = null!;
        await Should.ThrowAsync<DbSessionAbortedException>(async () => await bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                first = session.Context;
                stream = first.Accounts.AsAsyncEnumerable().GetAsyncEnumerator(token);
                return await stream.MoveNextAsync();
            },
            cancellationToken: Token));

        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                session.Context.ShouldBeSameAs(first);
                await foreach (var row in session.Context.Accounts.AsAsyncEnumerable().WithCancellation(token))
                {
                    if (row.Id == 1)
                        await Should.ThrowAsync<Exception>(() => OutsideAsync(async () => await stream.MoveNextAsync()));
                    else if (row.Id == 2)
                        await OutsideAsync(async () => await stream.DisposeAsync());
                    row.Balance++;
                }

                await session.Context.SaveChangesAsync(token);
            },
            cancellationToken: Token);

        (await bank.ScalarAsync<long>("SELECT sum(balance)::bigint FROM accounts")).ShouldBe(1010);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task EnsureCurrent_WithoutEFsThreadSafetyChecks_IsStillAskedByCommands(bool isInUse)
    {
        await using var bank = await BankDatabase.CreateAsync(
            build: static builder => builder.ConfigureContext(static (_, options) => options.EnableThreadSafetyChecks(false)));
        var query = await bank.Sessions.ReadAsync(
            static (session, _) => Task.FromResult(session.Context.Accounts.Where(row => row.Id > 0)), cancellationToken: Token);

        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                if (isInUse)
                    await session.Context.Accounts.CountAsync(token);
                await OutsideAsync(ShouldBeRefusedAsync);
            },
            cancellationToken: Token);
        await ShouldBeRefusedAsync();

        // A count tracks nothing, so that only the command is left to refuse it.
        async Task ShouldBeRefusedAsync() =>
            (await Should.ThrowAsync<InvalidOperationException>(() => query.CountAsync(Token)))
                .Message.ShouldContain("outside of the session that it was made in");
    }

    [Theory]
    [InlineData("bulk insert")]
    [InlineData("upsert")]
    public async Task EnsureCurrent_RepositoryKeptBetweenSessions_IsRefused(string use)
    {
        await using var bank = await BankDatabase.CreateAsync();
        var kept = await bank.Sessions.WriteAsync(
            static (session, _) => Task.FromResult(new Kept(session)), cancellationToken: Token);

        await Should.ThrowAsync<InvalidOperationException>(() => Uses[use](kept));

        (await bank.ScalarAsync<long>("SELECT count(*) FROM accounts")).ShouldBe(10);
    }

    [Fact]
    public async Task EnsureCurrent_BulkInsertWhileTheNextSessionReads_SendsNothing()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var kept = await bank.Sessions.WriteAsync(
            static (session, _) => Task.FromResult(new Kept(session)), cancellationToken: Token);

        await bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                session.Context.ShouldBeSameAs(kept.Context);
                await foreach (var row in session.Context.Accounts.AsAsyncEnumerable().WithCancellation(token))
                {
                    // A command would find the connection busy.
                    await OutsideAsync(async () =>
                        (await Should.ThrowAsync<InvalidOperationException>(() => Uses["bulk insert"](kept)))
                            .Message.ShouldContain("runs in no session"));
                }

                return 0;
            },
            cancellationToken: Token);
    }

    private static async Task RunVictimAsync(BankDatabase bank, DbSessionKind kind, TaskCompletionSource<Bank> ready, Task used) =>
        await bank.Sessions.ExecuteAsync(
            kind,
            async (session, _, token) =>
            {
                var account = await session.Context.Accounts.AsTracking().SingleAsync(row => row.Id == 1, token);
                ready.SetResult(session.Context);
                await used.WaitAsync(token);
                session.Context.ChangeTracker.Entries().ShouldHaveSingleItem().State.ShouldBe(EntityState.Unchanged);
                (await session.Context.Accounts.CountAsync(token)).ShouldBe(10);
                if (kind == DbSessionKind.Write)
                    account.Balance++;
                return await session.Context.SaveChangesAsync(token);
            },
            state: 0,
            cancellationToken: Token);

    private static async Task UseAfterAsync(Task start, Kept kept, string use)
    {
        await start;
        await Uses[use](kept);
    }

    private static Task OutsideAsync(Func<Task> use)
    {
        using (ExecutionContext.SuppressFlow())
            return Task.Run(use, Token);
    }

    /// <summary>What a delegate may keep of its session's context.</summary>
    private sealed class Kept(IDbSession<Bank> session)
    {
        public Bank Context { get; } = session.Context;

        public DbSet<Account> Set { get; } = session.Context.Accounts;

        public IQueryable<Account> Query { get; } = session.Context.Accounts.Where(row => row.Id > 1);

        public IAsyncEnumerator<Account> Stream { get; } = session.Context.Accounts.AsAsyncEnumerable().GetAsyncEnumerator(Token);

        public ChangeTracker Tracker { get; } = session.Context.ChangeTracker;

        public EntityEntry<Account> Entry { get; } = session.Context.Entry(new Account { Owner = Intruder });

        public IRepository<Account, int> Repository { get; } = session.Repository<Account, int>();
    }
}
