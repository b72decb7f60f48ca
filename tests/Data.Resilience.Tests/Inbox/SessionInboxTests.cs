using System.Data;
using Data.Resilience.Inbox;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Outbox;
using Data.Resilience.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Data.Resilience.Tests.Inbox;

public sealed class SessionInboxTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task TryAcceptAsync_SameMessageManyTimesAtOnce_HasOneEffect(IsolationLevel level)
    {
        await using var host = await OutboxHost.CreateAsync(sessions: options => options.Retry.MaxRetryAttempts = 50);
        var accepted = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ConsumeAsync(host, "consumer", "m1", level)));

        accepted.Count(static yes => yes).ShouldBe(1);
        (await ConsumeAsync(host, "consumer", "m1", level)).ShouldBeFalse();
        (await NotesAsync(host)).ShouldBe(1);
    }

    [Fact]
    public async Task TryAcceptAsync_OtherConsumerOrMessage_IsAccepted()
    {
        await using var host = await OutboxHost.CreateAsync();

        (await ConsumeAsync(host, "a", "m1")).ShouldBeTrue();
        (await ConsumeAsync(host, "b", "m1")).ShouldBeTrue();
        (await ConsumeAsync(host, "a", "m2")).ShouldBeTrue();
        (await ConsumeAsync(host, "a", "M1")).ShouldBeTrue();
        (await NotesAsync(host)).ShouldBe(4);
    }

    [Fact]
    public async Task TryAcceptAsync_SessionThatFailed_LeavesTheMessageNew()
    {
        await using var host = await OutboxHost.CreateAsync();
        await Should.ThrowAsync<InvalidDataException>(host.Sessions.WriteAsync(
            async (session, token) =>
            {
                (await session.Inbox.TryAcceptAsync("consumer", "m1", token)).ShouldBeTrue();
                throw new InvalidDataException();
            },
            cancellationToken: Token).AsTask());

        (await ConsumeAsync(host, "consumer", "m1")).ShouldBeTrue();
    }

    [Fact]
    public async Task TryAcceptAsync_TwiceInOneSession_IsFalseTheSecondTime()
    {
        await using var host = await OutboxHost.CreateAsync();
        await host.Sessions.WriteAsync(
            async (session, token) =>
            {
                (await session.Inbox.TryAcceptAsync("consumer", "m1", token)).ShouldBeTrue();
                (await session.Inbox.TryAcceptAsync("consumer", "m1", token)).ShouldBeFalse();
            },
            cancellationToken: Token);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public async Task TryAcceptAsync_OddValues_AreRefused(string text)
    {
        await using var host = await OutboxHost.CreateAsync();
        await host.Sessions.WriteAsync(
            async (session, token) =>
            {
                await Should.ThrowAsync<ArgumentException>(() => session.Inbox.TryAcceptAsync(text, "m", token));
                await Should.ThrowAsync<ArgumentException>(() => session.Inbox.TryAcceptAsync("c", text, token));
                await Should.ThrowAsync<ArgumentException>(() => session.Inbox.TryAcceptAsync("c", new string('m', 201), token));
                (await session.Inbox.TryAcceptAsync(new string('ü', 200), new string('❤', 200), token)).ShouldBeTrue();
            },
            cancellationToken: Token);
    }

    [Fact]
    public async Task TryAcceptAsync_InReadSession_IsRefused()
    {
        await using var host = await OutboxHost.CreateAsync();
        (await Should.ThrowAsync<InvalidOperationException>(host.Sessions.ReadAsync(
            (session, token) => session.Inbox.TryAcceptAsync("c", "m", token),
            cancellationToken: Token).AsTask())).Message.ShouldContain("WriteAsync");
    }

    [Fact]
    public async Task TryAcceptAsync_TableOrRegistrationMissing_NamesWhatToDo()
    {
        await using var host = OutboxHost.Connect(await TestDatabase.CreateAsync());
        await using var bank = await BankDatabase.CreateAsync();

        (await Should.ThrowAsync<InvalidOperationException>(host.Sessions.WriteAsync(
            (session, token) => session.Inbox.TryAcceptAsync("c", "m", token),
            cancellationToken: Token).AsTask())).Message.ShouldContain("CreateInbox()");
        (await Should.ThrowAsync<InvalidOperationException>(bank.Sessions.WriteAsync(
            (session, token) => session.Inbox.TryAcceptAsync("c", "m", token),
            cancellationToken: Token).AsTask())).Message.ShouldContain("AddInbox");
    }

    [Fact]
    public async Task CleanUpAsync_OldAndNewMessages_RemovesTheOldInBatches()
    {
        await using var host = await OutboxHost.CreateAsync();
        await ConsumeAsync(host, "consumer", "new");
        await host.ScalarAsync<long>(
            """
            WITH old AS (INSERT INTO inbox_messages (consumer, message_id, accepted_at)
              SELECT 'consumer', n::text, clock_timestamp() - interval '7 days 1 minute' FROM generate_series(1, 12000) n RETURNING 1)
            SELECT count(*) FROM old
            """);
        var retention = host.Services.GetRequiredService<IInboxRetention<NotesContext>>();

        (await retention.CleanUpAsync(Token)).ShouldBe(12_000);
        (await retention.CleanUpAsync(Token)).ShouldBe(0);
        (await ConsumeAsync(host, "consumer", "new")).ShouldBeFalse();
        (await ConsumeAsync(host, "consumer", "1")).ShouldBeTrue();
    }

    private static Task<bool> ConsumeAsync(
        OutboxHost host, string consumer, string message, IsolationLevel level = IsolationLevel.ReadCommitted) =>
        host.Sessions.WriteAsync(
            async (session, token) =>
            {
                if (!await session.Inbox.TryAcceptAsync(consumer, message, token))
                    return false;

                session.Context.Notes.Add(new Note { Text = message });
                await session.Context.SaveChangesAsync(token);
                return true;
            },
            new DbSessionOptions { IsolationLevel = level },
            Token).AsTask();

    private static Task<long> NotesAsync(OutboxHost host) => host.ScalarAsync<long>("SELECT count(*) FROM notes");
}
