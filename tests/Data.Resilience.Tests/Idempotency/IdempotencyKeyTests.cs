using System.Data;
using Data.Resilience.Idempotency;
using Data.Resilience.Replicas;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using static Data.Resilience.Tests.Idempotency.IdempotentBank;

namespace Data.Resilience.Tests.Idempotency;

/// <summary>One effect and one result per key.</summary>
public sealed class IdempotencyKeyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task WriteAsync_SameKeyTwice_RunsOnceAndReturnsTheStoredResult(IsolationLevel? level)
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1", IsolationLevel = level };
        var (runs, hooks) = (0, 0);
        var results = new List<DbSessionOutcome<Receipt>>();
        for (var call = 0; call < 3; call++)
        {
            results.Add(await bank.Sessions.TryExecuteAsync(
                DbSessionKind.Write,
                async (session, _, token) =>
                {
                    runs++;
                    session.OnCommitted(_ =>
                    {
                        hooks++;
                        return ValueTask.CompletedTask;
                    });
                    return new Receipt("for 1", await TakeOneAsync(session, token), [1, 2]);
                },
                state: 0,
                options,
                Token));
        }

        runs.ShouldBe(1);
        hooks.ShouldBe(1);
        results.ConvertAll(outcome => outcome.Result!.Left).ShouldBe([99, 99, 99]);
        results[2].Result!.Parts.ShouldBe([1, 2]);
        results.ConvertAll(outcome => outcome.IsRepeated).ShouldBe([false, true, true]);
        (await bank.BalanceAsync(1)).ShouldBe(99);
    }

    [Fact]
    public async Task WriteAsync_OtherKey_RunsAgain()
    {
        await using var bank = await CreateAsync();
        foreach (var key in (string[])["a", "A", "a ", " a", "á", "a\u0301"])
            await bank.Sessions.WriteAsync(TakeOneAsync, new DbSessionOptions { IdempotencyKey = key }, Token);

        (await bank.BalanceAsync(1)).ShouldBe(94);
    }

    [Fact]
    public async Task WriteAsync_NoKey_LeavesNoRow()
    {
        await using var bank = await CreateAsync();
        await bank.Sessions.WriteAsync(TakeOneAsync, cancellationToken: Token);

        (await KeyCountAsync(bank)).ShouldBe(0);
    }

    [Fact]
    public async Task WriteAsync_WithoutResult_RunsOnce()
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        for (var call = 0; call < 2; call++)
            await bank.Sessions.WriteAsync(async (session, token) => { await TakeOneAsync(session, token); }, options, Token);

        (await bank.BalanceAsync(1)).ShouldBe(99);
    }

    [Fact]
    public async Task WriteAsync_NullResult_IsStoredAsNull()
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        var runs = 0;
        for (var call = 0; call < 2; call++)
        {
            (await bank.Sessions.WriteAsync((_, _) => Task.FromResult<string?>(runs++ == 0 ? null : "again"), options, Token))
                .ShouldBeNull();
        }

        runs.ShouldBe(1);
    }

    [Theory]
    [InlineData("hash 1", "hash 2")]
    [InlineData("hash 1", null)]
    [InlineData(null, "hash 1")]
    [InlineData(null, "")]
    [InlineData("a", "A")]
    public async Task WriteAsync_SameKeyForAnotherRequest_IsAConflict(string? first, string? second)
    {
        await using var bank = await CreateAsync();
        await bank.Sessions.WriteAsync(TakeOneAsync, Options(first), Token);
        await Should.ThrowAsync<IdempotencyConflictException>(bank.Sessions.WriteAsync(TakeOneAsync, Options(second), Token).AsTask());

        (await bank.Sessions.WriteAsync(TakeOneAsync, Options(first), Token)).ShouldBe(99);
        (await bank.BalanceAsync(1)).ShouldBe(99);

        static DbSessionOptions Options(string? fingerprint) => new()
        {
            IdempotencyKey = "order 1",
            IdempotencyFingerprint = fingerprint
        };
    }

    [Fact]
    public async Task WriteAsync_FirstCallRolledBack_SecondRuns()
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        await Should.ThrowAsync<InvalidTimeZoneException>(bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                await TakeOneAsync(session, token);
                throw new InvalidTimeZoneException();
            },
            options,
            Token).AsTask());
        (await KeyCountAsync(bank)).ShouldBe(0);

        (await bank.Sessions.WriteAsync(TakeOneAsync, options, Token)).ShouldBe(99);
    }

    [Fact]
    public async Task WriteAsync_AttemptLostAgainstAnotherTransaction_RecordsTheKeyWithTheNextAttempt()
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        var left = await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                var left = await TakeOneAsync(session, token);
                if (session.Attempt == 1)
                    await session.Context.Database.ExecuteSqlRawAsync("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", token);
                return left - session.Attempt;
            },
            options,
            Token);

        left.ShouldBe(97);
        (await bank.Sessions.WriteAsync(TakeOneAsync, options, Token)).ShouldBe(97);
        (await bank.BalanceAsync(1)).ShouldBe(99);
    }

    [Fact]
    public async Task WriteAsync_DelegateEndsTheTransactionItself_IsNotRunAgain()
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        await Should.ThrowAsync<InvalidOperationException>(bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                var left = await TakeOneAsync(session, token);
                await session.Transaction!.CommitAsync(token);
                return left;
            },
            options,
            Token).AsTask());

        var repeated = await Should.ThrowAsync<InvalidOperationException>(
            bank.Sessions.WriteAsync(TakeOneAsync, options, Token).AsTask());
        repeated.Message.ShouldContain("is committed");
        (await bank.BalanceAsync(1)).ShouldBe(99);
    }

    [Fact]
    public async Task WriteAsync_DelegateRollsBackItself_TouchesNoOtherKey()
    {
        await using var bank = await CreateAsync();
        await Should.ThrowAsync<InvalidOperationException>(bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                await session.Transaction!.RollbackAsync(token);
                return 5;
            },
            new DbSessionOptions { IdempotencyKey = "order 1" },
            Token).AsTask());

        (await KeyCountAsync(bank)).ShouldBe(0);
        (await bank.Sessions.WriteAsync(TakeOneAsync, new DbSessionOptions { IdempotencyKey = "order 1" }, Token)).ShouldBe(99);
    }

    [Fact]
    public async Task WriteRawAsync_SameKeyTwice_RunsOnce()
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        for (var call = 0; call < 2; call++)
        {
            await bank.Sessions.WriteRawAsync(
                async (NpgsqlConnection connection, CancellationToken token) =>
                {
                    await using var command = new NpgsqlCommand("UPDATE accounts SET balance = balance - 1 WHERE id = 1", connection);
                    return await command.ExecuteNonQueryAsync(token);
                },
                options,
                Token);
        }

        (await bank.BalanceAsync(1)).ShouldBe(99);
    }

    [Fact]
    public async Task WriteWithTokenAsync_SameKeyTwice_GivesATokenOfThePrimary()
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1", IdempotencyFingerprint = "f" };
        var first = await bank.Sessions.WriteWithTokenAsync(TakeOneAsync, options, Token);
        var second = await bank.Sessions.WriteWithTokenAsync(TakeOneAsync, options, Token);

        second.Result.ShouldBe(99);
        CommitToken.TryParse(second.Token, out var repeated).ShouldBeTrue();
        repeated.Position.ShouldBe(ulong.MaxValue, "Its place in the log is not known: the primary alone serves it.");
        first.Token.ShouldNotBe(second.Token);
        (await bank.BalanceAsync(1)).ShouldBe(99);
    }

    private sealed record Receipt(string Name, long Left, int[] Parts);
}
