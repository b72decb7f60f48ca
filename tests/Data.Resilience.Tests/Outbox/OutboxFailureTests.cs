using System.Text;
using Data.Resilience.Outbox;
using Data.TestServers;
using Npgsql;
using static Data.Resilience.Tests.Outbox.OutboxDispatcherTests;

namespace Data.Resilience.Tests.Outbox;

/// <summary>Publishers that fail, hang or are away, and the dead letters that they leave.</summary>
public sealed class OutboxFailureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dispatch_FailingMessage_HoldsUpItsKeyAlone()
    {
        await using var host = await OutboxHost.CreateAsync();
        var mayPass = false;
        host.Publisher.Before = (message, _) =>
            Text(message) == "poison" && !mayPass ? throw new InvalidDataException("bad") : Task.CompletedTask;
        await host.AddAsync("a", "a1", "poison", "a2");
        await host.AddAsync("b", "b1", "b2");
        await host.AddAsync(null, "n1", "n2");
        await host.StartAsync();

        await Eventually.BeAsync(() => host.Publisher.Published.Count == 5);
        await Eventually.BeAsync(async () => await host.ScalarAsync<int>("SELECT max(attempts) FROM outbox_messages") >= 2);
        host.Publisher.Payloads.Order().ShouldBe(["a1", "b1", "b2", "n1", "n2"]);

        mayPass = true;
        await EmptyAsync(host);
        host.Publisher.Payloads.Where(text => text is "a1" or "poison" or "a2").ShouldBe(["a1", "poison", "a2"]);
        host.Publisher.Published.Single(message => Text(message) == "poison").Attempt.ShouldBeGreaterThan(2);
        host.Log.Entries.ShouldContain(entry => entry.Id == 1701 && entry.Text.Contains("topic"));
    }

    [Fact]
    public async Task Dispatch_MessageThatFailsForGood_BecomesADeadLetterThatCanBeReplayed()
    {
        await using var host = await OutboxHost.CreateAsync(options => options.MaxAttempts = 3);
        var attempts = 0;
        host.Publisher.Before = (message, _) =>
            Text(message) == "poison" && ++attempts <= 3 ? throw new InvalidDataException("bad") : Task.CompletedTask;
        await host.AddAsync("a", "poison", "after");
        await host.StartAsync();
        await EmptyAsync(host);

        host.Publisher.Payloads.ShouldBe(["after"]);
        attempts.ShouldBe(3);
        var dead = (await host.Outbox.ListDeadLettersAsync(cancellationToken: Token)).ShouldHaveSingleItem();
        Text(dead.Message).ShouldBe("poison");
        dead.Message.Key.ShouldBe("a");
        dead.Message.Attempt.ShouldBe(3);
        dead.Error.ShouldContain("InvalidDataException: bad");
        (await host.Outbox.GetStatusAsync(Token)).DeadLetters.ShouldBe(1);

        (await host.Outbox.ReplayAsync([dead.Message.Id, Guid.NewGuid()], Token)).ShouldBe(1);
        await EmptyAsync(host);
        host.Publisher.Payloads.ShouldBe(["after", "poison"]);
        var replayed = host.Publisher.Published.Last();
        replayed.Id.ShouldBe(dead.Message.Id);
        replayed.Attempt.ShouldBe(1);
        (await host.Outbox.ListDeadLettersAsync(cancellationToken: Token)).ShouldBeEmpty();
        (await host.Outbox.ReplayAsync([dead.Message.Id], Token)).ShouldBe(0);
    }

    [Fact]
    public async Task DeleteDeadLettersAsync_OfSome_LeavesTheRest()
    {
        await using var host = await OutboxHost.CreateAsync(options => options.MaxAttempts = 1);
        host.Publisher.Before = (_, _) => throw new InvalidDataException(new string('x', 2000) + "\0");
        await host.AddAsync(null, "a", "b");
        await host.StartAsync();
        await EmptyAsync(host);

        var dead = await host.Outbox.ListDeadLettersAsync(limit: 1, Token);
        dead.Count.ShouldBe(1);
        dead[0].Error.Length.ShouldBe(1000);
        (await host.Outbox.DeleteDeadLettersAsync([dead[0].Message.Id], Token)).ShouldBe(1);
        (await host.Outbox.ListDeadLettersAsync(cancellationToken: Token)).Single().Message.Id.ShouldNotBe(dead[0].Message.Id);
    }

    [Fact]
    public async Task ReplayAsync_KeyThatACommitHolds_WaitsForTheCommit()
    {
        await using var host = await OutboxHost.CreateAsync(options => options.MaxAttempts = 1);
        host.Publisher.Before = (_, _) => throw new InvalidDataException();
        await host.AddAsync("key", "a");
        await host.StartAsync();
        await EmptyAsync(host);
        var dead = (await host.Outbox.ListDeadLettersAsync(cancellationToken: Token)).Single();
        await using var holder = new NpgsqlConnection(host.ConnectionString + ";Pooling=false");
        await holder.OpenAsync(Token);
        await using var transaction = await holder.BeginTransactionAsync(Token);
        await using var command = new NpgsqlCommand(
            $"SELECT pg_advisory_xact_lock({OutboxStatements.LockSpace}, {KeyHash.Of(null, "key")})", holder);
        await command.ExecuteNonQueryAsync(Token);

        var replay = host.Outbox.ReplayAsync([dead.Message.Id], Token);
        await Task.Delay(300, Token);
        replay.IsCompleted.ShouldBeFalse();
        await transaction.RollbackAsync(Token);
        (await replay).ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dispatch_PublisherThatHangs_StopsNoOtherLaneAndIsAbandoned(bool obeysCancellation)
    {
        await using var host = await OutboxHost.CreateAsync(options =>
        {
            options.PublishTimeout = TimeSpan.FromSeconds(3);
            options.MaxConcurrentPublishes = 1;
        });
        var hangs = 0;
        host.Publisher.Before = (message, token) => Text(message) == "hang" && Interlocked.Increment(ref hangs) == 1
            ? Task.Delay(Timeout.Infinite, obeysCancellation ? token : CancellationToken.None)
            : Task.CompletedTask;
        await host.AddAsync("stuck", "hang");
        await host.StartAsync();
        await Eventually.BeAsync(() => hangs == 1);
        foreach (var key in Enumerable.Range(0, 40))
            await host.AddAsync($"key {key}", "x");

        // Of eight lanes one is stuck.
        await Eventually.BeAsync(() => host.Publisher.Published.Count >= 20);
        hangs.ShouldBe(1);
        await EmptyAsync(host);
        host.Publisher.Published.Count.ShouldBe(41);
        host.Publisher.Published.Single(message => Text(message) == "hang").Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task Dispatch_EveryPublishFails_LeavesTheLanesAloneForAWhile()
    {
        await using var host = await OutboxHost.CreateAsync(options =>
        {
            options.BaseDelay = TimeSpan.FromMilliseconds(1);
            options.MaxDelay = TimeSpan.FromMilliseconds(1);
            options.MaxAttempts = 10_000;
            options.PollInterval = TimeSpan.FromMilliseconds(10);
        });
        var calls = 0;
        host.Publisher.Before = (_, _) =>
        {
            Interlocked.Increment(ref calls);
            throw new InvalidDataException("broker away");
        };
        foreach (var key in Enumerable.Range(0, 32))
            await host.AddAsync($"key {key}", "a");
        await host.StartAsync();
        await Task.Delay(3000, Token);

        // Without a pause it would be thousands.
        calls.ShouldBeInRange(32, 32 * 30);
        host.Publisher.Before = null;
        await EmptyAsync(host);
        host.Publisher.Published.Count.ShouldBe(32);
    }

    private static string Text(OutboxMessage message) => Encoding.UTF8.GetString(message.Payload.Span);
}
