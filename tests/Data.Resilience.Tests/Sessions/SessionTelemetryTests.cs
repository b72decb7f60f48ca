using System.Collections.Concurrent;
using System.Diagnostics;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Tests.Sessions;

public sealed class SessionTelemetryTests
{
    private static readonly DbSessionOptions Named = new() { Name = "place order" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ExecuteAsync_Retried_IsOneSpanWithAnEventPerRetry()
    {
        var node = NewName();
        using var spans = new Spans(node);
        await using var bank = await BankDatabase.CreateAsync(options => options.Name = node);
        var attempts = 0;
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                Activity.Current!.OperationName.ShouldBe("place order");
                if (++attempts == 1)
                    await RaiseAsync(session, "40001", token);
            },
            Named,
            Token);

        var span = spans.Seen.ShouldHaveSingleItem();
        span.GetTagItem("db.system.name").ShouldBe("postgresql");
        span.GetTagItem("db.operation.name").ShouldBe("place order");
        span.GetTagItem("data.resilience.session.attempts").ShouldBe(2);
        span.GetTagItem("data.resilience.outcome").ShouldBe("completed");
        span.Status.ShouldBe(ActivityStatusCode.Unset);
        span.Events.ShouldHaveSingleItem().Tags.ShouldContain(new KeyValuePair<string, object?>("error.type", "40001"));
    }

    [Fact]
    public async Task ExecuteAsync_Failed_SpanTellsTheSqlStateAndNoText()
    {
        var node = NewName();
        using var spans = new Spans(node);
        await using var bank = await BankDatabase.CreateAsync(options => options.Name = node);
        await Should.ThrowAsync<PostgresException>(
            () => bank.Sessions.WriteAsync((session, token) => RaiseAsync(session, "22012", token), cancellationToken: Token).AsTask());

        var span = spans.Seen.ShouldHaveSingleItem();
        span.OperationName.ShouldBe("write session");
        span.Status.ShouldBe(ActivityStatusCode.Error);
        span.StatusDescription.ShouldBeNull();
        span.GetTagItem("error.type").ShouldBe("22012");
        span.GetTagItem("db.response.status_code").ShouldBe("22012");
        span.TagObjects.ShouldAllBe(tag => !tag.Value!.ToString()!.Contains("secret text", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ExecuteAsync_CircuitIsolated_IsARejectedSpanAndCounts()
    {
        var node = NewName();
        using var spans = new Spans(node);
        using var measures = new NodeMeasures(node);
        await using var bank = await BankDatabase.CreateAsync(options => options.Name = node);
        await bank.Keyed<IDatabaseCircuit>().IsolateAsync(Token);
        await Should.ThrowAsync<DbSessionRejectedException>(
            () => bank.Sessions.ReadAsync((_, _) => Task.FromResult(0), cancellationToken: Token).AsTask());

        spans.Seen.ShouldHaveSingleItem().GetTagItem("data.resilience.outcome").ShouldBe("rejected");
        measures.Sum("data.resilience.session.rejections").ShouldBe(1);
        measures.Sum("data.resilience.circuit.changes").ShouldBe(1);
        measures.Read("data.resilience.circuit.state").ShouldBe(3);
    }

    [Fact]
    public async Task ExecuteAsync_CompletedRetriedAndFailed_AreMeasured()
    {
        var node = NewName();
        using var measures = new NodeMeasures(node);
        await using var bank = await BankDatabase.CreateAsync(options => options.Name = node);
        measures.Read("data.resilience.circuit.state").ShouldBe(0);
        measures.Read("data.resilience.retry.budget").ShouldBe(100);
        var attempts = 0;
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                if (++attempts == 1)
                    await RaiseAsync(session, "57P01", token);
            },
            Named,
            Token);
        await Should.ThrowAsync<PostgresException>(
            () => bank.Sessions.WriteAsync((session, token) => RaiseAsync(session, "22012", token), cancellationToken: Token).AsTask());

        measures.Sum("data.resilience.session.retries").ShouldBe(1);
        measures.Count("data.resilience.session.duration").ShouldBe(2);
        measures.Tags("data.resilience.session.duration", "data.resilience.outcome").ShouldBe(["completed", "failed"], ignoreOrder: true);
        measures.Tags("data.resilience.session.duration", "db.operation.name").ShouldContain("place order");
        measures.Tags("data.resilience.session.duration", "error.type").ShouldContain("22012");
        measures.Read("data.resilience.retry.budget")!.Value.ShouldBe(99.1, 0.0001);
    }

    [Fact]
    public async Task ExecuteAsync_RetryForbiddenByTheBudget_IsCountedAndLogged()
    {
        var node = NewName();
        using var measures = new NodeMeasures(node);
        using var log = new RecordingLoggerProvider();
        await using var bank = await BankDatabase.CreateAsync(
            options =>
            {
                options.Name = node;
                options.Retry.BudgetTokens = 2;
                options.CircuitBreaker.FailFast = true;
            },
            builder => builder.Services.AddLogging(logging => logging.AddProvider(log)));
        var attempts = 0;
        await Should.ThrowAsync<PostgresException>(() => bank.Sessions.WriteAsync(
            (session, token) =>
            {
                attempts++;
                return RaiseAsync(session, "57P01", token);
            },
            cancellationToken: Token).AsTask());

        attempts.ShouldBe(1, "One fault leaves the budget at half, which allows no retry.");
        measures.Sum("data.resilience.session.retries_denied").ShouldBe(1);
        measures.Sum("data.resilience.session.retries").ShouldBe(0);
        log.Entries.ShouldContain(entry => entry.Level == LogLevel.Warning && entry.Text.Contains("budget") && entry.Text.Contains(node));
    }

    [Fact]
    public async Task DisposeAsync_Node_LeavesTheGauges()
    {
        var node = NewName();
        using var measures = new NodeMeasures(node);
        await using (var bank = await BankDatabase.CreateAsync(options => options.Name = node))
        {
            _ = bank.Keyed<IDatabaseCircuit>();
            measures.Read("data.resilience.circuit.state").ShouldBe(0);
        }

        measures.Read("data.resilience.circuit.state").ShouldBeNull();
    }

    private static string NewName() => "node " + Guid.NewGuid().ToString("N");

    private static async Task RaiseAsync(IDbSession session, string sqlState, CancellationToken token)
    {
        await using var command = new NpgsqlCommand(
            $"DO $$ BEGIN RAISE EXCEPTION 'secret text' USING ERRCODE = '{sqlState}'; END $$",
            session.Connection);
        await command.ExecuteNonQueryAsync(token);
    }

    /// <summary>Collects the spans of one node; tests run side by side.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _spans = new();
        private readonly ActivityListener _listener;
        private readonly string _node;

        public Spans(string node)
        {
            _node = node;
            _listener = new ActivityListener
            {
                ShouldListenTo = static source => source.Name == "Data.Resilience",
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
                ActivityStopped = _spans.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IReadOnlyList<Activity> Seen => [.. _spans.Where(span => (string?)span.GetTagItem("data.resilience.node") == _node)];

        public void Dispose() => _listener.Dispose();
    }
}
