using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Data.Resilience.Outbox;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using static Data.Resilience.Tests.Outbox.OutboxDispatcherTests;

namespace Data.Resilience.Tests.Outbox;

/// <summary>What an outbox tells of itself: health, metrics and the size of its table.</summary>
public sealed class OutboxStatusTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

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

    private static async Task VacuumAsync(OutboxHost host)
    {
        await using var connection = new NpgsqlConnection(host.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand("VACUUM outbox_messages", connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    private static string Text(OutboxMessage message) => Encoding.UTF8.GetString(message.Payload.Span);
}
