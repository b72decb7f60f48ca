using System.Transactions;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Tests.Sessions;

public sealed class TransactionScopesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DbSessionKind.Read)]
    [InlineData(DbSessionKind.Write)]
    public async Task ExecuteAsync_InsideAScope_IsRefusedByName(DbSessionKind kind)
    {
        await using var bank = await BankDatabase.CreateAsync();
        using var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
        var outcome = await bank.Sessions.TryExecuteAsync<int, int>(
            kind, static (_, _, _) => throw new InvalidTimeZoneException(), state: 0, cancellationToken: Token);

        outcome.Exception.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("TransactionScope");
    }

    [Fact]
    public async Task ExecuteAsync_InsideASuppressedScope_RunsOutsideOfTheTransaction()
    {
        await using var bank = await BankDatabase.CreateAsync();
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            using var suppressed = new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
            await bank.Sessions.WriteAsync(
                (session, token) => session.Context.Accounts.ExecuteUpdateAsync(set => set.SetProperty(row => row.Balance, 0), token),
                cancellationToken: Token);
        }

        (await bank.BalanceAsync(1)).ShouldBe(0);
    }

    [Theory]
    [InlineData(DbSessionKind.Read)]
    [InlineData(DbSessionKind.Write)]
    public async Task ExecuteAsync_ScopeInsideTheDelegate_IsRefusedByName(DbSessionKind kind)
    {
        await using var bank = await BankDatabase.CreateAsync(options => options.ConnectionString += ";Maximum Pool Size=1");
        foreach (var use in (Action<IDbSession<Bank>>[])
            [static session => _ = session.Connection, static session => _ = session.Context, static session => _ = session.Transaction])
        {
            (await Should.ThrowAsync<InvalidOperationException>(() => bank.Sessions.ExecuteAsync(
                kind,
                static (session, use, _) =>
                {
                    using var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
                    use(session);
                    return Task.FromResult(0);
                },
                use,
                cancellationToken: Token).AsTask())).Message.ShouldContain("TransactionScope");
        }
    }

    [Theory]
    [InlineData(DbSessionKind.Read)]
    [InlineData(DbSessionKind.Write)]
    public async Task ExecuteAsync_ContextTakenBeforeAScopeInsideTheDelegate_IsRefusedByName(DbSessionKind kind)
    {
        await using var bank = await BankDatabase.CreateAsync(options => options.ConnectionString += ";Maximum Pool Size=1");
        for (var call = 0; call < 2; call++)
        {
            (await Should.ThrowAsync<InvalidOperationException>(() => bank.Sessions.ExecuteAsync(
                kind,
                static async (session, _, token) =>
                {
                    var context = session.Context;
                    using var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
                    return await context.Accounts.CountAsync(token);
                },
                state: 0,
                cancellationToken: Token).AsTask())).Message.ShouldContain("TransactionScope");
        }

        (await bank.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"))
            .ShouldBe(0);
    }

    [Fact]
    public async Task OpenAsync_EnlistAskedFor_StaysOff()
    {
        await using var bank = await BankDatabase.CreateAsync(options => options.ConnectionString += ";Enlist=true");
        var settings = new NpgsqlConnectionStringBuilder(await bank.Sessions.ReadRawAsync(
            (connection, _) => Task.FromResult(connection.ConnectionString), cancellationToken: Token));

        settings.Enlist.ShouldBeFalse();
    }
}
