using System.Collections.Concurrent;
using Data.Resilience.Pooling;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Resilience.Tests.Sessions;

/// <summary>
/// What a delegate keeps of its session is dead afterwards, also while another session runs on the same physical connection.
/// </summary>
public sealed class KeptObjectTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DbSessionKind.Read)]
    [InlineData(DbSessionKind.Write)]
    public async Task Connection_KeptFromTheSession_IsDeadInTheNext(DbSessionKind kind) =>
        await KeepAsync(kind, static session => session.Connection, async (kept, _) =>
            await Should.ThrowAsync<Exception>(() => new NpgsqlCommand("SELECT 1", kept).ExecuteScalarAsync(Token)));

    [Theory]
    [InlineData(DbSessionKind.Read)]
    [InlineData(DbSessionKind.Write)]
    public async Task Connection_KeptFromTheContext_IsDeadInTheNext(DbSessionKind kind) =>
        await KeepAsync(kind, static session => (NpgsqlConnection)session.Context.Database.GetDbConnection(), async (kept, next) =>
        {
            await next.Context.Accounts.CountAsync(Token);
            kept.ShouldNotBeSameAs(next.Context.Database.GetDbConnection());
            await Should.ThrowAsync<InvalidOperationException>(() => new NpgsqlCommand("SELECT 1", kept).ExecuteScalarAsync(Token));
            await Should.ThrowAsync<ObjectDisposedException>(() => kept.OpenAsync(Token));
        });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Command_Kept_IsDeadInTheNext(bool ofContext) =>
        await KeepAsync(
            DbSessionKind.Read,
            session =>
            {
                var connection = ofContext ? (NpgsqlConnection)session.Context.Database.GetDbConnection() : session.Connection;
                var command = connection.CreateCommand();
                command.CommandText = "SELECT 1";
                return command;
            },
            async (kept, next) =>
            {
                await next.Context.Accounts.CountAsync(Token);
                await Should.ThrowAsync<InvalidOperationException>(() => kept.ExecuteScalarAsync(Token));
            });

    [Fact]
    public async Task Command_OfTheSessionsConnectionKeptAfterItsDisposal_IsNotHandedToTheNext() =>
        await KeepAsync(
            DbSessionKind.Read,
            static session =>
            {
                var command = session.Connection.CreateCommand();
                command.Dispose();
                return command;
            },
            async (kept, next) =>
            {
                await next.Context.Accounts.CountAsync(Token);
                next.Connection.CreateCommand().ShouldNotBeSameAs(kept);
            });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Transaction_Kept_DoesNotReachTheNext(bool ofContext) =>
        await KeepAsync(
            DbSessionKind.Write,
            session => ofContext
                ? (NpgsqlTransaction)session.Context.Database.CurrentTransaction!.GetDbTransaction()
                : session.Transaction!,
            async (kept, next) =>
            {
                await next.Context.Accounts.ExecuteUpdateAsync(set => set.SetProperty(row => row.Balance, 7), Token);
                kept.ShouldNotBeSameAs(next.Transaction);
                await Should.ThrowAsync<InvalidOperationException>(() => kept.RollbackAsync(Token));
            },
            balance: 7);

    [Fact]
    public async Task OwnerOf_ContextOfASession_IsThatSessionUntilItEnds()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var first = await bank.Sessions.ReadAsync(
            (session, _) =>
            {
                ContextOwner.Of(session.Context).Session.ShouldBeSameAs(session);
                return Task.FromResult(session.Context);
            },
            cancellationToken: Token);
        ContextOwner.Of(first).Session.ShouldBeNull();

        await bank.Sessions.ReadAsync(
            (session, _) =>
            {
                session.Context.ShouldBeSameAs(first);
                ContextOwner.Of(first).Session.ShouldBeSameAs(session);
                return Task.FromResult(0);
            },
            cancellationToken: Token);
    }

    [Theory]
    [InlineData("query")]
    [InlineData("stream")]
    [InlineData("open")]
    [InlineData("begin")]
    [InlineData("sql")]
    public async Task Query_KeptAndUsedBetweenSessions_FailsAndLeavesNoConnectionOpen(string use)
    {
        await using var bank = await BankDatabase.CreateAsync(
            options => Configure(options, size: 2), static builder => builder.AddPool());
        for (var round = 0; round < 5; round++)
        {
            var (query, database) = await bank.Sessions.ReadAsync(
                static (session, _) => Task.FromResult((session.Context.Accounts.Where(row => row.Id > 0), session.Context.Database)),
                cancellationToken: Token);
            var error = await Should.ThrowAsync<InvalidOperationException>(async () =>
            {
                switch (use)
                {
                    case "query": await query.ToListAsync(Token); break;
                    case "stream": await query.AsAsyncEnumerable().GetAsyncEnumerator(Token).MoveNextAsync(); break;
                    case "open": await database.OpenConnectionAsync(Token); break;
                    case "begin": await database.BeginTransactionAsync(Token); break;
                    default: await database.ExecuteSqlRawAsync("SELECT 1", Token); break;
                }
            });
            // EF itself refuses to use the rest of a disposed context.
            if (use is "query" or "stream")
                error.Message.ShouldContain("that session has ended");
        }

        (await bank.Sessions.ReadAsync(static (session, token) => session.Context.Accounts.CountAsync(token), cancellationToken: Token))
            .ShouldBe(10);
        await ShouldHaveIdlePoolAsync(bank, size: 1);
    }

    [Fact]
    public async Task Query_KeptByHalfOfTheCallers_FailsThemAloneAndLeavesNoConnectionOpen()
    {
        const int PoolSize = 8;
        await using var bank = await BankDatabase.CreateAsync(
            static options => Configure(options, PoolSize), static builder => builder.AddPool());
        var answered = 0;
        var unexpected = new ConcurrentQueue<Exception>();

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 1200),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Token },
            async (number, token) =>
            {
                if (number % 2 != 0)
                {
                    await WorkAsync(bank, number, token);
                    return;
                }

                try
                {
                    var rows = await bank.Sessions.ReadAsync(
                        static (session, _) => Task.FromResult(session.Context.Accounts.AsAsyncEnumerable()), cancellationToken: token);
                    await foreach (var row in rows.WithCancellation(token))
                        Interlocked.Increment(ref answered);
                }
                catch (InvalidOperationException)
                {
                    // Refused.
                }
                catch (Exception exception)
                {
                    unexpected.Enqueue(exception);
                }
            });

        unexpected.ShouldBeEmpty();
        answered.ShouldBe(0);
        (await bank.ScalarAsync<long>("SELECT count(*) FROM accounts WHERE owner LIKE 'caller %' AND balance = 1")).ShouldBe(300);
        await ShouldHaveIdlePoolAsync(bank, PoolSize);
    }

    private static void Configure(DataResilienceOptions options, int size)
    {
        // The driver's meter knows pools by name, and other tests have some too.
        options.Name = Guid.NewGuid().ToString();
        options.ConnectionString += $";Maximum Pool Size={size};Timeout=5";
    }

    /// <summary>What a caller does who uses the session as it is meant: every second one writes.</summary>
    private static async Task WorkAsync(BankDatabase bank, int number, CancellationToken cancellationToken)
    {
        if (number % 4 == 1)
        {
            (await bank.Sessions.ReadAsync(
                static (session, token) => session.Context.Accounts.Take(5).ToListAsync(token), cancellationToken: cancellationToken))
                .Count.ShouldBe(5);
            return;
        }

        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                var account = new Account { Owner = "caller " + number, Balance = 7 };
                session.Context.Add(account);
                (await session.Context.SaveChangesAsync(token)).ShouldBe(1);
                await Task.Yield();
                account.Balance = 1;
                (await session.Context.SaveChangesAsync(token)).ShouldBe(1);
            },
            cancellationToken: cancellationToken);
    }

    private static async Task ShouldHaveIdlePoolAsync(BankDatabase bank, int size)
    {
        var pool = bank.Services.GetRequiredService<IPoolMonitor<Bank>>().GetStatistics().ShouldHaveSingleItem();
        pool.BusyCount.ShouldBe(0);
        pool.IdleCount.ShouldBeInRange(1, size);
        (await bank.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"))
            .ShouldBe(pool.IdleCount);
    }

    /// <summary>Keeps something from one session and looks at it in the next, which runs on the same physical connection.</summary>
    private static async Task KeepAsync<T>(
        DbSessionKind kind, Func<IDbSession<Bank>, T> keep, Func<T, IDbSession<Bank>, Task> look, long balance = 100)
    {
        await using var bank = await BankDatabase.CreateAsync(options => options.ConnectionString += ";Maximum Pool Size=1");
        var (kept, process) = await bank.Sessions.ExecuteAsync(
            kind,
            static async (session, keep, token) =>
            {
                await session.Context.Accounts.CountAsync(token);
                return (keep(session), session.Connection.ProcessID);
            },
            keep,
            cancellationToken: Token);
        await bank.Sessions.ExecuteAsync(
            kind,
            async (session, _, _) =>
            {
                session.Connection.ProcessID.ShouldBe(process);
                await look(kept, session);
                return 0;
            },
            state: 0,
            cancellationToken: Token);
        (await bank.BalanceAsync(1)).ShouldBe(balance);
    }
}
