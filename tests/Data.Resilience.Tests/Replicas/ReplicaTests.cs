using Data.Resilience.Admission;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Connections;
using Data.Resilience.Replicas;
using Data.Resilience.Retry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace Data.Resilience.Tests.Replicas;

public sealed class ReplicaTests : IAsyncDisposable
{
    private static readonly CircuitBreakerOptions Circuit = new();
    private static readonly FakeTimeProvider Time = new();
    private static readonly NodePosition Position = new(IsStandby: true, SystemIdentifier: 7, Timeline: 1, Position: 100);
    private readonly Replica _replica = new(
        new DatabaseNode(
            "r",
            NpgsqlDataSource.Create("Host=127.0.0.1"),
            new AttemptGate(
                new DatabaseCircuit("r", Circuit, Time, NullLogger.Instance),
                new RetryBudget(10, 0.1),
                Circuit,
                poolSize: 10,
                Time)),
        new ReplicaOptions { FailureThreshold = 2, RecoveryThreshold = 3 });

    [Fact]
    public void Note_EnoughGoodChecks_Serves()
    {
        for (var i = 0; i < 2; i++)
        {
            _replica.Note(Position, ReplicaState.Serving, coveredAt: 1).ShouldBeNull();
            _replica.CanServe.ShouldBeFalse();
        }

        _replica.Note(Position, ReplicaState.Serving, coveredAt: 1).ShouldBe(ReplicaState.Unknown);
        _replica.CanServe.ShouldBeTrue();
    }

    [Fact]
    public async Task CanServe_CircuitOpened_TurnsTrueForAProbeWhenTheBreakIsOver()
    {
        Serve();
        for (var session = 0; session < Circuit.MinimumThroughput; session++)
            await _replica.Node.Circuit.ReportAsync(CircuitPermit.Normal, faults: 1, TimeSpan.Zero);
        _replica.CanServe.ShouldBeFalse();

        Time.Advance(Circuit.BreakDuration);
        _replica.CanServe.ShouldBeTrue();
        _replica.Node.Circuit.TryEnter(out _).ShouldBe(CircuitPermit.Probe);
        _replica.CanServe.ShouldBeFalse();
    }

    [Fact]
    public void Note_OneSilentCheck_IsForgiven_TwoEject_AndItComesBack()
    {
        Serve();
        _replica.Note(position: null, ReplicaState.Unreachable, coveredAt: null).ShouldBeNull();
        _replica.Note(Position, ReplicaState.Serving, coveredAt: 2);
        _replica.Note(position: null, ReplicaState.Unreachable, coveredAt: null).ShouldBeNull();
        _replica.Note(position: null, ReplicaState.Unreachable, coveredAt: null).ShouldBe(ReplicaState.Serving);
        _replica.CanServe.ShouldBeFalse();

        Serve();
        _replica.CanServe.ShouldBeTrue();
    }

    [Theory]
    [InlineData(ReplicaState.Lagging)]
    [InlineData(ReplicaState.Promoted)]
    [InlineData(ReplicaState.Diverged)]
    public void Note_AnswerThatRulesItOut_EjectsAtOnce(ReplicaState finding)
    {
        Serve();
        _replica.Note(Position, finding, coveredAt: null).ShouldBe(ReplicaState.Serving);
        _replica.State.ShouldBe(finding);
    }

    [Theory]
    [InlineData(7UL, 1u, 100UL, true)]
    [InlineData(7UL, 1u, 101UL, false)]
    [InlineData(7UL, 2u, 100UL, false)]
    [InlineData(7UL, 0u, 100UL, false)]
    [InlineData(8UL, 1u, 100UL, false)]
    public void Has_Token_OnlyOfTheSameHistoryAndReplayed(ulong systemIdentifier, uint timeline, ulong position, bool has)
    {
        _replica.Note(Position, ReplicaState.Serving, coveredAt: 1);
        _replica.Has(new CommitToken(systemIdentifier, timeline, position)).ShouldBe(has);
    }

    public ValueTask DisposeAsync() => _replica.Node.DisposeAsync();

    private void Serve()
    {
        for (var i = 0; i < 3; i++)
            _replica.Note(Position, ReplicaState.Serving, coveredAt: 1);
    }
}
