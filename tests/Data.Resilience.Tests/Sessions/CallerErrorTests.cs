using System.Data;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Commits;
using Data.Resilience.Connections;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Polly.CircuitBreaker;

namespace Data.Resilience.Tests.Sessions;

/// <summary>Errors of the caller or of the configuration around a session: told at once, never taken for an outage.</summary>
public sealed class CallerErrorTests
{
    private const int Calls = 12;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(IsolationLevel.Chaos)]
    [InlineData((IsolationLevel)12345)]
    public void IsolationLevel_NotOfPostgres_IsRefusedAtOnce(IsolationLevel level) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new DbSessionOptions { IsolationLevel = level }).Message
            .ShouldContain("Serializable");

    [Theory]
    [InlineData(null)]
    [InlineData(IsolationLevel.Unspecified)]
    [InlineData(IsolationLevel.ReadUncommitted)]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Snapshot)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task IsolationLevel_OfPostgres_IsUsed(IsolationLevel? level)
    {
        await using var bank = await BankDatabase.CreateAsync();

        (await bank.Sessions.WriteAsync((s, t) => s.Context.Accounts.CountAsync(t), new() { IsolationLevel = level }, Token)).ShouldBe(10);
    }

    [Theory]
    [InlineData("close")]
    [InlineData("dispose")]
    [InlineData("close in a read")]
    public async Task ExecuteAsync_DelegateClosesTheConnection_IsToldAndNoOutage(string how)
    {
        await using var bank = await BankDatabase.CreateAsync(static options => options.CircuitBreaker.MinimumThroughput = 5);
        var (runs, tokens) = (0, bank.Keyed<DatabaseNode>().Budget.Tokens);
        var isRead = how == "close in a read";
        for (var call = 0; call < Calls; call++)
        {
            var outcome = await bank.Sessions.TryExecuteAsync(
                isRead ? DbSessionKind.Read : DbSessionKind.Write,
                async (session, _, token) =>
                {
                    runs++;
                    if (!isRead)
                        await session.Context.Accounts.ExecuteUpdateAsync(set => set.SetProperty(row => row.Balance, 0), token);
                    if (how == "dispose")
                        await session.Connection.DisposeAsync();
                    else
                        await session.Connection.CloseAsync();
                    return 0;
                },
                state: 0,
                new() { IsolationLevel = IsolationLevel.RepeatableRead },
                Token);
            outcome.Exception.ShouldBeOfType<DbSessionAbortedException>().Message.ShouldContain("closed the session's connection");
        }

        runs.ShouldBe(Calls);
        (await bank.BalanceAsync(1)).ShouldBe(100);
        ShouldBeHealthy(bank, tokens);
    }

    [Fact]
    public async Task WriteAsync_DelegateClosesAndReopensTheConnection_IsToldAndNoOutage()
    {
        await using var bank = await BankDatabase.CreateAsync(static options => options.CircuitBreaker.MinimumThroughput = 5);
        var (runs, tokens) = (0, bank.Keyed<DatabaseNode>().Budget.Tokens);
        for (var call = 0; call < Calls; call++)
        {
            await Should.ThrowAsync<InvalidOperationException>(bank.Sessions.WriteAsync(
                async (session, token) =>
                {
                    runs++;
                    await session.Connection.CloseAsync();
                    await session.Connection.OpenAsync(token);
                },
                cancellationToken: Token).AsTask());
        }

        runs.ShouldBe(Calls);
        ShouldBeHealthy(bank, tokens);
    }

    [Theory]
    [InlineData("Read Buffer Size=512")]
    [InlineData("Write Buffer Size=512")]
    public async Task ExecuteAsync_SettingThatTheDriverRefuses_IsToldAtOnceAndNoOutage(string setting)
    {
        await using var direct = await BankDatabase.CreateAsync();
        await using var bank = BankDatabase.Connect(
            $"{direct.ConnectionString};{setting}",
            static options =>
            {
                options.CircuitBreaker.MinimumThroughput = 5;
                options.Retry.MaxRetryAttempts = 0;
            });
        var tokens = bank.Keyed<DatabaseNode>().Budget.Tokens;
        foreach (var kind in Enumerable.Repeat(DbSessionKind.Write, Calls).Concat(Enumerable.Repeat(DbSessionKind.Read, Calls)))
        {
            var outcome = await bank.Sessions.TryExecuteAsync(
                kind, static (_, _, _) => Task.FromResult(0), state: 0, cancellationToken: Token);
            outcome.Exception.ShouldNotBeNull().GetBaseException().ShouldBeAssignableTo<ArgumentException>();
        }

        ShouldBeHealthy(bank, tokens);
    }

    private static void ShouldBeHealthy(BankDatabase bank, double tokens)
    {
        var node = bank.Keyed<DatabaseNode>();
        node.Circuit.State.ShouldBe(CircuitState.Closed);
        node.Budget.Tokens.ShouldBe(tokens);
    }
}
