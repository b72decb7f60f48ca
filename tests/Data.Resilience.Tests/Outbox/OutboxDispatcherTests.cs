using System.Collections.Concurrent;
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

        // Many at once share notifications; the last of them must have one, and so must the next after it.
        await Task.WhenAll(Enumerable.Range(0, 30).Select(n => writer.AddAsync($"key {n}", "a")));
        await Eventually.BeAsync(() => host.Publisher.Published.Count == 37);
        await writer.AddAsync("key", "a");
        await Eventually.BeAsync(() => host.Publisher.Published.Count == 38);
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

    private static string Text(OutboxMessage message) => Encoding.UTF8.GetString(message.Payload.Span);
}
