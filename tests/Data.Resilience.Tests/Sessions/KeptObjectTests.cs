using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
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
