using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Data.Resilience.Outbox;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Data.Resilience.Tests.Outbox;

public sealed class OutboxDispatcherTests
{
    private static readonly TimeSpan Never = TimeSpan.FromMinutes(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dispatch_MessagesOfOneKey_ArriveInOrderOnce()
    {
        await using var host = await OutboxHost.CreateAsync(options => options.BatchSize = 7);
        string[] payloads = [.. Enumerable.Range(0, 100).Select(n => $"{n}")];
        await host.AddAsync("key", payloads);
        await host.StartAsync();
        await host.AddAsync("key", "100", "101");

        await EmptyAsync(host);
        host.Publisher.Payloads.ShouldBe([.. payloads, "100", "101"]);
    }

    [Fact]
    public async Task Dispatch_CommitInTheSameProcess_NeedsNoPoll()
    {
        await using var host = await OutboxHost.CreateAsync(options => options.PollInterval = Never);
        await host.StartAsync();
        await Eventually.BeAsync(() => Status(host) is "arriving");

        await host.AddAsync("key", "one");
        await Eventually.BeAsync(() => host.Publisher.Published.Count == 1);
        await host.AddAsync("key", "two");
        await Eventually.BeAsync(() => host.Publisher.Published.Count == 2);
    }

    [Theory]
    [InlineData(OutboxWakeUp.AfterCommit)]
    [InlineData(OutboxWakeUp.InTransaction)]
    public async Task Dispatch_CommitInAnotherProcess_NeedsNoPoll(OutboxWakeUp wakeUp)
    {
        await using var host = await OutboxHost.CreateAsync(options =>
        {
            options.PollInterval = Never;
            options.WakeUp = wakeUp;
        });
        await host.StartAsync();
        await ListeningAsync(host);
        await using var writer = host.Another(options => options.WakeUp = wakeUp, dispatches: false);

        for (var message = 1; message <= 5; message++)
        {
            await writer.AddAsync(message % 2 == 0 ? "key" : null, "a");
            await Eventually.BeAsync(() => host.Publisher.Published.Count == message);
        }

        await writer.Sessions.WriteAsync(
            (session, _) =>
            {
                session.Outbox.Add("topic", "key", default);
                session.Outbox.Add("topic", null, default);
                return Task.CompletedTask;
            },
            cancellationToken: Token);
        await Eventually.BeAsync(() => host.Publisher.Published.Count == 7);
    }

    [Fact]
    public async Task Dispatch_Polling_FindsWhatNobodyTold()
    {
        await using var host = await OutboxHost.CreateAsync(options => options.WakeUp = OutboxWakeUp.Polling);
        await host.StartAsync();
        await using var writer = host.Another(options => options.WakeUp = OutboxWakeUp.Polling, dispatches: false);
        await writer.AddAsync(null, "a");

        await EmptyAsync(host);
        host.Publisher.Published.Count.ShouldBe(1);
        (await host.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"))
            .ShouldBe(0);
    }

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
        await using var holder = new NpgsqlConnection(host.ConnectionString);
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
    public async Task Dispatch_SeveralDispatchersAndWriters_KeepTheOrderOfEachKeyAndShareTheWork()
    {
        const int Dispatchers = 4, Writers = 8, Messages = 60, Keys = 12;
        var published = new ConcurrentQueue<(int Dispatcher, OutboxMessage Message)>();
        var busy = new ConcurrentDictionary<string, int>();
        await using var first = await OutboxHost.CreateAsync(publisher: Publisher(0));
        List<OutboxHost> hosts = [first];
        for (var dispatcher = 1; dispatcher < Dispatchers; dispatcher++)
            hosts.Add(first.Another(options => options.BatchSize = 5, Publisher(dispatcher)));
        foreach (var host in hosts)
            await host.StartAsync();

        // A sequence per key that is drawn and committed under a lock of the row tells the order of the commits.
        await first.ScalarAsync<long>(
            """
            CREATE TABLE counters (key int PRIMARY KEY, n bigint NOT NULL);
            INSERT INTO counters SELECT k, 0 FROM generate_series(0, 11) k;
            SELECT 1::bigint
            """);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var message = 0; message < Messages; message++)
            {
                var key = (writer + message) % Keys;
                await hosts[writer % Dispatchers].Sessions.WriteAsync(
                    async (session, token) =>
                    {
                        await using var command = new NpgsqlCommand(
                            $"UPDATE counters SET n = n + 1 WHERE key = {key} RETURNING n", session.Connection);
                        var n = (long)(await command.ExecuteScalarAsync(token))!;
                        session.Outbox.Add("topic", $"{key}", Encoding.UTF8.GetBytes($"{n}"));
                    },
                    cancellationToken: Token);
            }
        })));
        await EmptyAsync(first);

        published.Count.ShouldBe(Writers * Messages);
        foreach (var key in published.GroupBy(p => p.Message.Key))
            key.Select(p => long.Parse(Text(p.Message))).ShouldBe(Enumerable.Range(1, key.Count()).Select(n => (long)n));
        published.Select(p => p.Dispatcher).Distinct().Count().ShouldBeGreaterThan(1);
        foreach (var host in hosts)
            await host.DisposeAsync();

        RecordingPublisher Publisher(int dispatcher) => new()
        {
            Before = async (message, _) =>
            {
                busy.AddOrUpdate(message.Key!, 1, static (_, n) => n + 1).ShouldBe(1, "a key is with one publisher at a time");
                await Task.Delay(Random.Shared.Next(3), CancellationToken.None);
                published.Enqueue((dispatcher, message));
                busy.AddOrUpdate(message.Key!, 0, static (_, n) => n - 1);
            },
        };
    }

    [Fact]
    public async Task Dispatch_DispatcherWhoseConnectionDies_GivesItsMessagesToAnother()
    {
        await using var host = await OutboxHost.CreateAsync(options =>
        {
            options.PollInterval = Never;
            options.PublishTimeout = TimeSpan.FromMinutes(5);
        });
        var reached = new TaskCompletionSource();
        host.Publisher.Before = async (_, token) =>
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        };
        await host.AddAsync("key", "a");
        await host.StartAsync();
        await reached.Task.WaitAsync(Token);
        await using var other = host.Another();
        await other.StartAsync();
        await Task.Delay(500, Token);
        other.Publisher.Published.ShouldBeEmpty("the first dispatcher has it");

        await host.ScalarAsync<long>(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND state = 'idle in transaction'
            """);
        await Eventually.BeAsync(() => other.Publisher.Published.Count == 1);
        await EmptyAsync(host);
    }

    [Fact]
    public async Task StopAsync_PublisherAtWork_FinishesWhatWasBegunAndBeginsNothing()
    {
        await using var host = await OutboxHost.CreateAsync();
        var reached = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        host.Publisher.Before = async (_, _) =>
        {
            reached.TrySetResult();
            await goOn.Task;
        };
        await host.AddAsync("key", "first", "second");
        await host.StartAsync();
        await reached.Task.WaitAsync(Token);
        var stopping = host.StopAsync(Token);
        stopping.IsCompleted.ShouldBeFalse();
        goOn.SetResult();
        await stopping;

        host.Publisher.Payloads.ShouldBe(["first"]);
        (await host.ScalarAsync<byte[]>("SELECT payload FROM outbox_messages")).ShouldBe("second"u8.ToArray());
        (await host.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE '%in transaction%'")).ShouldBe(0);
    }

    [Fact]
    public async Task StopAsync_PublisherThatDoesNotEnd_GivesTheMessageBackWhenTheHostWaitsNoLonger()
    {
        await using var host = await OutboxHost.CreateAsync(options => options.PublishTimeout = TimeSpan.FromMinutes(5));
        var reached = new TaskCompletionSource();
        host.Publisher.Before = async (_, _) =>
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        };
        await host.AddAsync("key", "a");
        await host.StartAsync();
        await reached.Task.WaitAsync(Token);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await host.StopAsync(patience.Token);

        (await host.ScalarAsync<int>("SELECT attempts FROM outbox_messages")).ShouldBe(0);
        await using var other = host.Another();
        await other.StartAsync();
        await Eventually.BeAsync(() => other.Publisher.Published.Count == 1);
    }

    [Fact]
    public async Task Dispatch_DatabaseAwayForAWhile_GoesOnWhenItIsBack()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var host = await OutboxHost.CreateAsync(server: server);
        await host.StartAsync();
        await host.AddAsync("key", "before");
        await EmptyAsync(host);

        await server.KillAsync();
        await Eventually.BeAsync(() => host.Log.Entries.Any(entry => entry.Id == 1704));
        await Task.Delay(1500, Token);
        host.Log.Entries.Count(entry => entry.Id == 1704).ShouldBe(1, "told once per outage");
        await server.StartAgainAsync(Token);
        await host.AddAsync("key", "after");
        await EmptyAsync(host);
        host.Publisher.Payloads.ShouldBe(["before", "after"]);
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

    [Fact]
    public async Task Dispatch_ManyMessages_LeavesATableThatDoesNotGrow()
    {
        await using var host = await OutboxHost.CreateAsync();
        const int Rounds = 10, Messages = 3000;
        var full = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            await host.ScalarAsync<long>(
                $"""
                WITH added AS (INSERT INTO outbox_messages (message_id, hash, topic, key, payload)
                  SELECT gen_random_uuid(), n, 'topic', n::text, convert_to(repeat('x', 200), 'UTF8')
                  FROM generate_series(1, {Messages}) n RETURNING 1)
                SELECT count(*) FROM added
                """);
            if (round == 0)
            {
                full = await SizeAsync();
                await host.StartAsync();
            }

            await EmptyAsync(host);
            // As autovacuum does, whose settings the table has, when its minute is over.
            await VacuumAsync(host);
        }

        host.Publisher.Published.Count.ShouldBe(Rounds * Messages);
        (await SizeAsync()).ShouldBeLessThan(3 * full);
        (await host.ScalarAsync<string>("SELECT array_to_string(reloptions, ',') FROM pg_class WHERE relname = 'outbox_messages'"))
            .ShouldContain("autovacuum_vacuum_scale_factor=0");

        Task<long> SizeAsync() => host.ScalarAsync<long>("SELECT pg_total_relation_size('outbox_messages')");
    }

    [Fact]
    public async Task CheckHealthAsync_AsTheOutboxIs_TellsDepthLagAndNotifications()
    {
        await using var host = await OutboxHost.CreateAsync(options => options.MaxLag = TimeSpan.FromSeconds(1));
        await host.AddAsync(null, "a", "b");
        await host.ScalarAsync<long>(
            "WITH u AS (UPDATE outbox_messages SET created_at = created_at - interval '1 minute' RETURNING 1) SELECT count(*) FROM u");

        var late = await CheckAsync(host);
        late.Status.ShouldBe(HealthStatus.Unhealthy);
        late.Data["depth"].ShouldBe(2L);
        ((double)late.Data["lagSeconds"]).ShouldBeGreaterThan(59);
        await host.StartAsync();
        await EmptyAsync(host);
        var current = await CheckAsync(host);
        current.Status.ShouldBe(HealthStatus.Healthy);
        current.Data["lagSeconds"].ShouldBe(0d);
        current.Data["notifications"].ShouldBe("arriving");
    }

    [Fact]
    public async Task Dispatch_WithAMeterListener_MeasuresPublishedDepthAndLag()
    {
        var seen = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name.StartsWith("data.resilience.outbox.", StringComparison.Ordinal))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        var name = "node-" + Guid.NewGuid().ToString("N");
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
        await using var host = await OutboxHost.CreateAsync(
            options => options.MaxAttempts = 1, sessions: options => options.Name = name);
        host.Publisher.Before = (message, _) => Text(message) == "bad" ? throw new InvalidDataException() : Task.CompletedTask;
        await host.AddAsync(null, "a", "b", "bad");
        await host.StartAsync();
        await EmptyAsync(host);
        listener.RecordObservableInstruments();

        seen["data.resilience.outbox.published"].ShouldBe(2);
        seen["data.resilience.outbox.failures"].ShouldBe(1);
        seen["data.resilience.outbox.dead_letters"].ShouldBe(1);
        seen["data.resilience.outbox.depth"].ShouldBe(3, "as of the first search");
        seen["data.resilience.outbox.lag"].ShouldBeGreaterThan(0);

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
            {
                if (name.Equals(tag.Value))
                    seen.AddOrUpdate(instrument.Name, value, (_, sum) => instrument is Counter<long> ? sum + value : value);
            }
        }
    }

    internal static Task EmptyAsync(OutboxHost host) => Eventually.BeAsync(async () => await host.DepthAsync() == 0, seconds: 40);

    internal static Task<HealthCheckResult> CheckAsync(OutboxHost host)
    {
        var check = ActivatorUtilities.CreateInstance<OutboxHealthCheck<NotesContext>>(host.Services);
        return check.CheckHealthAsync(
            new HealthCheckContext { Registration = new HealthCheckRegistration("outbox", check, HealthStatus.Unhealthy, null) }, Token);
    }

    private static string? Status(OutboxHost host) =>
        host.Services.GetRequiredKeyedService<OutboxDispatchers>(typeof(NotesContext)).IsSilent switch
        {
            null => "off",
            true => "silent",
            false => "arriving",
        };

    private static Task ListeningAsync(OutboxHost host) => Eventually.BeAsync(
        async () => await host.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'") == 1);

    private static async Task VacuumAsync(OutboxHost host)
    {
        await using var connection = new NpgsqlConnection(host.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand("VACUUM outbox_messages", connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    private static string Text(OutboxMessage message) => Encoding.UTF8.GetString(message.Payload.Span);
}
