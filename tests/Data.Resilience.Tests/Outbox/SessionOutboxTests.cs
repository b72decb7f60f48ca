using System.Data;
using System.Text;
using Data.Resilience.Commits;
using Data.Resilience.Migrations;
using Data.Resilience.Outbox;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Resilience.Tests.Outbox;

public sealed class SessionOutboxTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Add_SeveralMessages_ArriveWithEveryPart()
    {
        await using var host = await OutboxHost.CreateAsync();
        var ids = await host.Sessions.WriteAsync(
            (session, _) => Task.FromResult<Guid[]>(
            [
                session.Outbox.Add("plain", key: null, new byte[] { 0, 1, 255 }),
                session.Outbox.AddJson("json", "key ❤ 'x\"", new { Name = "a" }, new Dictionary<string, string> { ["h"] = "ü\"" }),
                session.Outbox.Add("empty", "key", ReadOnlyMemory<byte>.Empty),
            ]),
            cancellationToken: Token);

        await host.StartAsync();
        await Eventually.BeAsync(() => host.Publisher.Published.Count == 3);

        var found = host.Publisher.Published.ToDictionary(message => message.Topic);
        found["plain"].Id.ShouldBe(ids[0]);
        found["plain"].Key.ShouldBeNull();
        found["plain"].Payload.ToArray().ShouldBe([0, 1, 255]);
        found["plain"].Headers.ShouldBeEmpty();
        found["plain"].Attempt.ShouldBe(1);
        found["plain"].TenantId.ShouldBeNull();
        found["json"].Id.ShouldBe(ids[1]);
        found["json"].Key.ShouldBe("key ❤ 'x\"");
        Encoding.UTF8.GetString(found["json"].Payload.Span).ShouldBe("""{"name":"a"}""");
        found["json"].Headers.ShouldBe(new Dictionary<string, string> { ["h"] = "ü\"" });
        found["empty"].Payload.Length.ShouldBe(0);
        await Eventually.BeAsync(async () => await host.DepthAsync() == 0);
    }

    [Fact]
    public async Task Add_PayloadChangedAfterwards_SendsWhatItWas()
    {
        await using var host = await OutboxHost.CreateAsync();
        var buffer = "before"u8.ToArray();
        await host.Sessions.WriteAsync(
            (session, _) =>
            {
                session.Outbox.Add("topic", null, buffer);
                "after!"u8.CopyTo(buffer);
                return Task.CompletedTask;
            },
            cancellationToken: Token);

        (await host.ScalarAsync<byte[]>("SELECT payload FROM outbox_messages")).ShouldBe("before"u8.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Add_AnyNumberOfMessages_CostsNoRoundTrip(int messages)
    {
        var server = await SharedServers.PostgresAsync();
        await using var proxy = await FaultProxy.StartAsync(server);
        await using var host = await OutboxHost.CreateAsync();
        var turns = 0;
        var last = Direction.ToClient;
        proxy.Inspect = chunk =>
        {
            if (chunk.Direction == Direction.ToServer && last != Direction.ToServer)
                turns++;
            last = chunk.Direction;
            return ChunkVerdict.Forward;
        };
        await using var through = OutboxHost.Connect(
            new NpgsqlConnectionStringBuilder(host.ConnectionString) { Port = proxy.Port, MaxPoolSize = 1 }.ConnectionString,
            options => options.WakeUp = OutboxWakeUp.Polling);

        await CountAsync(0);
        var without = await CountAsync(0);
        var with = await CountAsync(messages);

        with.ShouldBe(without);
        (await host.DepthAsync()).ShouldBe(messages);

        async Task<int> CountAsync(int count)
        {
            var before = turns;
            await through.Sessions.WriteAsync(
                (session, _) =>
                {
                    for (var i = 0; i < count; i++)
                        session.Outbox.Add("topic", "key " + i, "x"u8.ToArray());
                    return Task.CompletedTask;
                },
                cancellationToken: Token);
            return turns - before;
        }
    }

    [Fact]
    public async Task Add_InSavepointThatIsRolledBack_IsNotSent()
    {
        await using var host = await OutboxHost.CreateAsync();
        await host.Sessions.WriteAsync(
            async (session, token) =>
            {
                session.Outbox.Add("before", null, default);
                await Should.ThrowAsync<InvalidDataException>(session.SavepointAsync<int>(
                    async ct =>
                    {
                        session.Outbox.Add("inside", null, default);
                        await session.SavepointAsync(_ => Task.FromResult(session.Outbox.Add("kept inside", null, default)), ct);
                        throw new InvalidDataException();
                    },
                    token));
                await session.SavepointAsync(_ => Task.FromResult(session.Outbox.Add("released", null, default)), token);
                session.Outbox.Add("after", null, default);
            },
            cancellationToken: Token);

        (await TopicsAsync(host)).ShouldBe("after,before,released");
    }

    [Fact]
    public async Task Add_FirstMessageInSavepointThatIsRolledBack_IsNotSent()
    {
        await using var host = await OutboxHost.CreateAsync();
        await host.Sessions.WriteAsync(
            async (session, token) => await Should.ThrowAsync<InvalidDataException>(session.SavepointAsync<int>(
                _ =>
                {
                    session.Outbox.Add("inside", null, default);
                    throw new InvalidDataException();
                },
                token)),
            cancellationToken: Token);

        (await host.DepthAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Add_AttemptThatIsRepeated_SendsThoseOfTheLastAttemptOnce()
    {
        await using var host = await OutboxHost.CreateAsync();
        await host.Sessions.WriteAsync(
            async (session, token) =>
            {
                session.Outbox.Add("attempt " + session.Attempt, "key", default);
                if (session.Attempt == 1)
                {
                    await using var failing = new NpgsqlCommand(
                        "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$", session.Connection);
                    await failing.ExecuteNonQueryAsync(token);
                }
            },
            cancellationToken: Token);

        (await TopicsAsync(host)).ShouldBe("attempt 2");
    }

    [Fact]
    public async Task Add_DelegateThrows_SendsNothing()
    {
        await using var host = await OutboxHost.CreateAsync();
        await Should.ThrowAsync<InvalidDataException>(host.Sessions.WriteAsync(
            (session, _) =>
            {
                session.Outbox.Add("topic", null, default);
                throw new InvalidDataException();
            },
            cancellationToken: Token).AsTask());

        (await host.DepthAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Add_SwallowedFailureOfAStatement_CommitsNothing()
    {
        await using var host = await OutboxHost.CreateAsync();
        await Should.ThrowAsync<DbSessionAbortedException>(host.Sessions.WriteAsync(
            async (session, token) =>
            {
                session.Outbox.Add("topic", "key", default);
                await using var failing = new NpgsqlCommand("SELECT 1/0", session.Connection);
                await Should.ThrowAsync<PostgresException>(failing.ExecuteScalarAsync(token));
            },
            cancellationToken: Token).AsTask());

        (await host.DepthAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Add_InJoinedCall_IsSentWithTheOuterSession()
    {
        await using var host = await OutboxHost.CreateAsync();
        await host.Sessions.WriteAsync(
            async (session, token) =>
            {
                session.Outbox.Add("outer", "a", default);
                await host.AddAsync("a", "inner");
                (await host.DepthAsync()).ShouldBe(0);
            },
            cancellationToken: Token);

        (await TopicsAsync(host)).ShouldBe("outer,topic");
    }

    [Fact]
    public async Task Add_InReadSession_IsRefused()
    {
        await using var host = await OutboxHost.CreateAsync();
        (await Should.ThrowAsync<InvalidOperationException>(host.Sessions.ReadAsync(
            (session, _) => Task.FromResult(session.Outbox.Add("topic", null, default)),
            cancellationToken: Token).AsTask())).Message.ShouldContain("WriteAsync");
    }

    [Fact]
    public async Task Add_AfterTheDelegateReturned_IsRefused()
    {
        await using var host = await OutboxHost.CreateAsync();
        var kept = await host.Sessions.WriteAsync((session, _) => Task.FromResult(session.Outbox), cancellationToken: Token);
        Should.Throw<ObjectDisposedException>(() => kept.Add("topic", null, default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("half of a pair: {0}")]
    public async Task Add_TextThatCannotBeStored_IsRefusedWhereItIsAdded(string form)
    {
        // An attribute cannot hold it.
        var text = form.Replace("{0}", "\ud800", StringComparison.Ordinal);
        await using var host = await OutboxHost.CreateAsync();
        await host.Sessions.WriteAsync(
            (session, _) =>
            {
                Should.Throw<ArgumentException>(() => session.Outbox.Add(text, null, default)).ParamName.ShouldBe("topic");
                Should.Throw<ArgumentException>(() => session.Outbox.Add("topic", text, default)).ParamName.ShouldBe("key");
                var headers = new Dictionary<string, string> { [text] = "value" };
                Should.Throw<ArgumentException>(() => session.Outbox.Add("topic", null, default, headers)).ParamName.ShouldBe("headers");
                return Task.CompletedTask;
            },
            cancellationToken: Token);

        (await host.DepthAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Add_SizesAtTheLimit_AreAcceptedAndOneMoreIsRefused()
    {
        await using var host = await OutboxHost.CreateAsync(options => options.MaxPayloadBytes = 1000);
        await host.Sessions.WriteAsync(
            (session, _) =>
            {
                session.Outbox.Add(new string('t', 200), new string('k', 512), new byte[1000]);
                Should.Throw<ArgumentException>(() => session.Outbox.Add(new string('t', 201), null, default));
                Should.Throw<ArgumentException>(() => session.Outbox.Add("t", new string('k', 513), default));
                Should.Throw<ArgumentException>(() => session.Outbox.Add("t", null, new byte[1001])).Message.ShouldContain("1000");
                Should.Throw<ArgumentException>(() => session.Outbox.Add(
                    "t", null, default, new Dictionary<string, string> { ["h"] = new('v', 17_000) }));
                return Task.CompletedTask;
            },
            cancellationToken: Token);

        (await host.DepthAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Add_TablesMissing_NamesTheMigration()
    {
        await using var host = OutboxHost.Connect(await TestDatabase.CreateAsync());
        (await Should.ThrowAsync<InvalidOperationException>(host.AddAsync("key", "payload"))).Message.ShouldContain("CreateOutbox()");
        (await Should.ThrowAsync<InvalidOperationException>(host.Outbox.GetStatusAsync(Token))).Message.ShouldContain("CreateOutbox()");
    }

    [Fact]
    public async Task Outbox_ContextWithoutOne_NamesTheRegistration()
    {
        await using var bank = await BankDatabase.CreateAsync();
        (await Should.ThrowAsync<InvalidOperationException>(bank.Sessions.WriteAsync(
            (session, _) => Task.FromResult(session.Outbox),
            cancellationToken: Token).AsTask())).Message.ShouldContain("AddOutbox");
    }

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task Add_ConcurrentWritersOfTheSameKeys_GetIdsInTheOrderOfTheirCommits(IsolationLevel level)
    {
        await using var server = await PostgresServer.StartAsync(
            new PostgresServerOptions { Settings = { ["track_commit_timestamp"] = "on" } },
            Token);
        await using var host = await OutboxHost.CreateAsync(server: server);
        const int Writers = 32, Rounds = 5;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                await host.Sessions.WriteAsync(
                    (session, token) =>
                    {
                        // In one order here and in the other there: without a common one they would deadlock.
                        for (var key = 0; key < 4; key++)
                            session.Outbox.Add("topic", "key " + (writer % 2 == 0 ? key : 3 - key), Encoding.UTF8.GetBytes($"{writer}"));
                        return Task.CompletedTask;
                    },
                    new DbSessionOptions { IsolationLevel = level, MaxRetryAttempts = 0 },
                    Token);
            }
        })));

        (await host.DepthAsync()).ShouldBe(Writers * Rounds * 4);
        (await host.ScalarAsync<long>(
            """
            SELECT count(*) FROM (SELECT pg_xact_commit_timestamp(xmin) AS committed,
                lag(pg_xact_commit_timestamp(xmin)) OVER (PARTITION BY key ORDER BY id) AS earlier FROM outbox_messages) m
            WHERE committed < earlier
            """)).ShouldBe(0);
        (await host.ScalarAsync<long>("SELECT sum(deadlocks)::bigint FROM pg_stat_database WHERE datname = current_database()"))
            .ShouldBe(0);
    }

    [Fact]
    public async Task CompareSchemaAsync_WithTheTablesOfOutboxAndInbox_FindsNoDifference()
    {
        await using var host = await OutboxHost.CreateAsync();
        var runner = host.Services.GetRequiredService<IMigrationRunner<NotesContext>>();

        (await runner.CompareSchemaAsync(Token)).ShouldBeEmpty();
        await runner.DownAsync("0", Token);
        (await host.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname ~ '^(out|in)box'")).ShouldBe(0);
    }

    private static Task<string> TopicsAsync(OutboxHost host) =>
        host.ScalarAsync<string>("SELECT coalesce(string_agg(topic, ',' ORDER BY topic), '') FROM outbox_messages");
}
