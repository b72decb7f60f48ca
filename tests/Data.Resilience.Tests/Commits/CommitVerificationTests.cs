using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Npgsql;

namespace Data.Resilience.Tests.Commits;

/// <summary>Commits whose answer was lost, with what a server can say about them afterwards.</summary>
public sealed class CommitVerificationTests
{
    private readonly string _node = "node " + Guid.NewGuid().ToString("N");

    [Fact]
    public async Task WriteAsync_TransactionInProgressUntilTheDeadline_IsAmbiguousAndNotRunAgain()
    {
        using var measures = new NodeMeasures(_node);
        await using var peer = new ScriptedPeer { FailAt = "COMMIT", SqlState = "57P01", IsFatal = true, Status = "in progress" };

        var (runs, error) = await WriteAsync(peer);

        var ambiguous = error.ShouldBeOfType<AmbiguousCommitException>();
        ambiguous.Outcome.ShouldBe(CommitOutcome.InProgress);
        ambiguous.TransactionId.ShouldNotBeNull();
        ambiguous.SystemIdentifier.ShouldBe("7000");
        ambiguous.InnerException.ShouldBeOfType<PostgresException>().SqlState.ShouldBe("57P01");
        runs.ShouldBe(1);
        peer.Verifications.ShouldBeGreaterThan(1, "It should have waited and asked again.");
        peer.Terminations.ShouldBeGreaterThan(0, "It should have ended the lost session's backend.");
        ShouldTell(measures, "InProgress", "ambiguous");
    }

    [Theory]
    [InlineData(null, "7000", 1)]
    [InlineData("committed", "7001", 1)]
    [InlineData("aborted", "7001", 1)]
    [InlineData("committed", "7000", 2)]
    [InlineData("aborted", "7000", 2)]
    public async Task WriteAsync_NobodyKnowsTheTransaction_IsAmbiguousAndNotRunAgain(string? status, string system, int timeline)
    {
        using var measures = new NodeMeasures(_node);
        await using var peer = new ScriptedPeer
        {
            FailAt = "COMMIT",
            SqlState = "57P01",
            IsFatal = true,
            Status = status,
            SystemIdentifier = system,
            Timeline = timeline,
        };

        var (runs, error) = await WriteAsync(peer);

        error.ShouldBeOfType<AmbiguousCommitException>().Outcome.ShouldBe(CommitOutcome.Unknown);
        runs.ShouldBe(1);
        ShouldTell(measures, "Unknown", "ambiguous");
    }

    [Fact]
    public async Task WriteAsync_CommittedAfterAll_IsMeasuredAsVerified()
    {
        using var measures = new NodeMeasures(_node);
        await using var peer = new ScriptedPeer { FailAt = "COMMIT", SqlState = "57P01", IsFatal = true, Status = "committed" };

        var (runs, error) = await WriteAsync(peer);

        error.ShouldBeNull();
        runs.ShouldBe(1);
        ShouldTell(measures, "Committed", "verified");
    }

    private static void ShouldTell(NodeMeasures measures, string found, string ended)
    {
        measures.Sum("data.resilience.commit.verifications").ShouldBe(1);
        measures.Tags("data.resilience.commit.verifications", "data.resilience.outcome").ShouldBe([found]);
        measures.Tags("data.resilience.session.duration", "data.resilience.outcome").ShouldBe([ended]);
    }

    private async Task<(int Runs, Exception? Error)> WriteAsync(ScriptedPeer peer)
    {
        await using var bank = BankDatabase.Connect(peer.ConnectionString, options =>
        {
            options.Name = _node;
            options.SendStatementTimeout = false;
            options.Retry.AttemptTimeout = TimeSpan.FromMilliseconds(500);
            options.Retry.TotalTimeout = TimeSpan.FromMilliseconds(500);
            options.Retry.CommitVerificationTimeout = TimeSpan.FromMilliseconds(800);
        });
        var runs = 0;
        var outcome = await bank.Sessions.TryExecuteAsync(
            DbSessionKind.Write,
            (_, _, _) => Task.FromResult(++runs),
            state: 0,
            // The first attempt of a process compiles what it runs; on a loaded machine that alone takes longer than the limits above.
            new DbSessionOptions { AttemptTimeout = TimeSpan.FromSeconds(30) },
            TestContext.Current.CancellationToken);
        return (runs, outcome.Exception);
    }
}
