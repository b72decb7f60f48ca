using Data.Resilience.DependencyInjection;
using Data.Resilience.Idempotency;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using static Data.Resilience.Tests.Idempotency.IdempotentBank;

namespace Data.Resilience.Tests.Idempotency;

public sealed class ExpiredKeyRemovalTests
{
    private const string Age = "UPDATE idempotency_keys SET created_at = created_at - interval '1 hour'";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RemoveExpiredAsync_OldAndNewKeys_RemovesTheOldInBatches()
    {
        await using var bank = await CreateAsync(o => (o.Retention, o.RemovalBatchSize) = (TimeSpan.FromMinutes(59), 3));
        for (var call = 0; call < 7; call++)
            await bank.Sessions.WriteAsync(TakeOneAsync, new DbSessionOptions { IdempotencyKey = $"old {call}" }, Token);
        await ExecuteAsync(bank.ConnectionString, Age);
        await bank.Sessions.WriteAsync(TakeOneAsync, new DbSessionOptions { IdempotencyKey = "new" }, Token);

        (await Keys(bank).RemoveExpiredAsync(Token)).ShouldBe(7);
        (await Keys(bank).RemoveExpiredAsync(Token)).ShouldBe(0);
        (await bank.ScalarAsync<string>("SELECT string_agg(key, ',') FROM idempotency_keys")).ShouldBe("new");
    }

    [Fact]
    public async Task RemoveExpiredAsync_KeyInUse_IsLeftAndNotWaitedFor()
    {
        await using var bank = await CreateAsync(o => o.Retention = TimeSpan.FromMinutes(59));
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        await bank.Sessions.WriteAsync(TakeOneAsync, options, Token);
        await ExecuteAsync(bank.ConnectionString, Age);
        await using (var user = new Npgsql.NpgsqlConnection(bank.ConnectionString + ";Pooling=false"))
        {
            await user.OpenAsync(Token);
            await using var transaction = await user.BeginTransactionAsync(Token);
            await using var use = new Npgsql.NpgsqlCommand("SELECT 1 FROM idempotency_keys FOR UPDATE", user);
            await use.ExecuteNonQueryAsync(Token);

            (await Keys(bank).RemoveExpiredAsync(Token)).ShouldBe(0);
        }

        (await Keys(bank).RemoveExpiredAsync(Token)).ShouldBe(1);
    }

    [Fact]
    public async Task RemoveExpiredAsync_BesideCallsThatRepeatTheKeys_EveryCallSucceedsAndNothingRunsTwiceAtOnce()
    {
        await using var bank = await CreateAsync(o => (o.Retention, o.RemovalBatchSize) = (TimeSpan.FromMinutes(59), 2));
        using var stop = new CancellationTokenSource();
        var removed = 0L;
        var removal = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await ExecuteAsync(bank.ConnectionString, "UPDATE idempotency_keys SET created_at = created_at - interval '1 hour' "
                        + "WHERE ctid IN (SELECT ctid FROM idempotency_keys FOR UPDATE SKIP LOCKED)");
                    removed += await Keys(bank).RemoveExpiredAsync(CancellationToken.None);
                }
            },
            Token);
        var runs = 0L;
        var uses = 0;
        await Task.WhenAll(Enumerable.Range(0, 6).Select(caller => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref uses) <= 600)
                {
                    await bank.Sessions.WriteAsync(
                        async (session, token) =>
                        {
                            await TakeOneAsync(session, token);
                            return Interlocked.Increment(ref runs);
                        },
                        new DbSessionOptions { IdempotencyKey = $"order {uses % 3}" },
                        Token);
                }
            },
            Token)));
        await stop.CancelAsync();
        await removal;

        // A key runs again only after it was removed.
        removed.ShouldBeGreaterThan(0);
        (100 - await bank.BalanceAsync(1)).ShouldBe(removed + await KeyCountAsync(bank));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task WriteAsync_KeyRemovedBetweenRecordingAndReading_IsRecordedAgain(int removals, bool succeeds)
    {
        await using var bank = await CreateAsync();
        // As if the key had been there and was not any more.
        await ExecuteAsync(bank.ConnectionString, $"""
            CREATE SEQUENCE tries;
            CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN RETURN CASE WHEN nextval('tries') > {removals} THEN NEW END; END $$;
            CREATE TRIGGER skip BEFORE INSERT ON idempotency_keys FOR EACH ROW EXECUTE FUNCTION skip();
            """);
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        var outcome = await bank.Sessions.TryExecuteAsync(
            DbSessionKind.Write, (session, _, token) => TakeOneAsync(session, token), state: 0, options, Token);

        outcome.IsSuccess.ShouldBe(succeeds);
        outcome.Exception?.Message.ShouldContain("cannot be read");
        (await bank.BalanceAsync(1)).ShouldBe(succeeds ? 99 : 100);
        (await bank.Sessions.WriteAsync(TakeOneAsync, options, Token)).ShouldBe(99);
    }

    [Fact]
    public async Task Service_Started_RemovesKeysAndGoesOnAfterAFailure()
    {
        var log = new RecordingLoggerProvider();
        await using var bank = await CreateAsync(
            o => (o.Retention, o.RemovalInterval) = (TimeSpan.FromMinutes(59), TimeSpan.FromSeconds(1)),
            build: builder => builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(log)));
        await ExecuteAsync(bank.ConnectionString, "ALTER TABLE idempotency_keys RENAME TO away");
        var service = bank.Services.GetServices<IHostedService>().OfType<ExpiredKeyRemovalService<Bank>>().Single();
        await service.StartAsync(Token);
        await Eventually.BeAsync(() => log.Entries.Any(entry => entry.Id == 1802));
        await ExecuteAsync(bank.ConnectionString, "ALTER TABLE away RENAME TO idempotency_keys");
        await bank.Sessions.WriteAsync(TakeOneAsync, new DbSessionOptions { IdempotencyKey = "order 1" }, Token);
        await ExecuteAsync(bank.ConnectionString, Age);
        await Eventually.BeAsync(() => log.Entries.Any(entry => entry.Id == 1801));
        await service.StopAsync(Token);

        (await KeyCountAsync(bank)).ShouldBe(0);
        log.Entries.ShouldAllBe(entry => !entry.Text.Contains("order 1"));
    }

    [Fact]
    public async Task Service_NoInterval_RemovesNothing()
    {
        await using var bank = await CreateAsync(o => o.RemovalInterval = null);
        var service = bank.Services.GetServices<IHostedService>().OfType<ExpiredKeyRemovalService<Bank>>().Single();
        await service.StartAsync(Token);

        await service.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    private static IIdempotencyKeys<Bank> Keys(BankDatabase bank) => bank.Services.GetRequiredService<IIdempotencyKeys<Bank>>();
}
