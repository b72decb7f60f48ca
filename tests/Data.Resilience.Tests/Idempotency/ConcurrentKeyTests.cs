using System.Data;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using static Data.Resilience.Tests.Idempotency.IdempotentBank;

namespace Data.Resilience.Tests.Idempotency;

/// <summary>Callers that hold and want the same key at once.</summary>
public sealed class ConcurrentKeyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task WriteAsync_FiftyCallersWithOneKey_OneEffectAndOneResult(IsolationLevel? level)
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1", IsolationLevel = level };
        var begin = new TaskCompletionSource();
        var committed = 0;
        var calls = Enumerable.Range(0, 50).Select(caller => Task.Run(async () =>
        {
            await begin.Task;
            return await bank.Sessions.WriteAsync(
                async (session, token) =>
                {
                    session.OnCommitted(_ =>
                    {
                        Interlocked.Increment(ref committed);
                        return ValueTask.CompletedTask;
                    });
                    var left = await TakeOneAsync(session, token);
                    await Task.Delay(50, token);
                    return (left * 1_000) + caller;
                },
                options,
                Token);
        })).ToArray();
        begin.SetResult();
        var results = await Task.WhenAll(calls);

        results.Distinct().Count().ShouldBe(1);
        (results[0] / 1_000).ShouldBe(99);
        committed.ShouldBe(1);
        (await bank.BalanceAsync(1)).ShouldBe(99);
        (await KeyCountAsync(bank)).ShouldBe(1);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task WriteAsync_HolderRollsBackWhileAnotherWaits_TheOtherRuns(IsolationLevel? level)
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1", IsolationLevel = level };
        var held = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var holder = bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                await TakeOneAsync(session, token);
                held.TrySetResult();
                await release.Task;
                throw new InvalidTimeZoneException();
            },
            options,
            Token).AsTask();
        await held.Task;
        var ran = false;
        var waiter = bank.Sessions.WriteAsync(
            (session, token) =>
            {
                ran = true;
                return TakeOneAsync(session, token);
            },
            options,
            Token).AsTask();
        await WaitForAWaiterAsync(bank);
        ran.ShouldBeFalse("The key is held.");
        release.SetResult();

        await Should.ThrowAsync<InvalidTimeZoneException>(holder);
        (await waiter).ShouldBe(99);
        (await bank.BalanceAsync(1)).ShouldBe(99);
    }

    [Fact]
    public async Task WriteAsync_HolderTakesLongerThanAttemptTimeout_TheOtherTimesOutWithoutEffect()
    {
        await using var bank = await CreateAsync();
        var held = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var holder = bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                held.TrySetResult();
                await release.Task;
                return await TakeOneAsync(session, token);
            },
            new DbSessionOptions { IdempotencyKey = "order 1" },
            Token).AsTask();
        await held.Task;
        await Should.ThrowAsync<TimeoutException>(bank.Sessions.WriteAsync(
            TakeOneAsync,
            new DbSessionOptions { IdempotencyKey = "order 1", AttemptTimeout = TimeSpan.FromMilliseconds(300) },
            Token).AsTask());
        release.SetResult();

        (await holder).ShouldBe(99);
        (await bank.BalanceAsync(1)).ShouldBe(99);
    }

    [Fact]
    public async Task WriteAsync_HoldersBackendIsTerminated_OneOfThemRuns()
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        var held = new TaskCompletionSource();
        var runs = 0;
        var holder = bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                var left = await TakeOneAsync(session, token);
                if (Interlocked.Increment(ref runs) == 1)
                {
                    held.TrySetResult();
                    await WaitForAWaiterAsync(bank);
                    await session.Context.Database.ExecuteSqlRawAsync("SELECT pg_terminate_backend(pg_backend_pid())", token);
                }

                return left;
            },
            options,
            Token).AsTask();
        await held.Task;
        var waiter = bank.Sessions.WriteAsync(
            (session, token) =>
            {
                Interlocked.Increment(ref runs);
                return TakeOneAsync(session, token);
            },
            options,
            Token).AsTask();

        (await Task.WhenAll(holder, waiter)).ShouldBe([99, 99]);
        runs.ShouldBe(2, "The holder's first run and the run of whoever came next.");
        (await bank.BalanceAsync(1)).ShouldBe(99);
    }

    private static async Task WaitForAWaiterAsync(Support.BankDatabase bank)
    {
        while (await bank.ScalarAsync<long>("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid' "
            + "AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())") == 0)
        {
            await Task.Delay(10, Token);
        }
    }
}
