using Data.Resilience.Commits;
using NpgsqlTypes;

namespace Data.Resilience.Tests.Commits;

public sealed class CommitJudgeTests
{
    private static readonly DateTime Marked = new(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly TransactionMark Mark = new(1000, "system", 3, Lsn(500), Marked);

    // Nothing happened since the mark: the checkpoint is old, the server has been running for long.
    private static readonly CommitObservation Quiet = new("committed", "system", 3, Lsn(100), Lsn(90), 900, Marked.AddHours(-1));

    // The server was restarted after the mark: its checkpoint is a restart's, and it knows ids below 1001.
    private static readonly CommitObservation Restarted = Quiet with
    {
        CheckpointLsn = Lsn(500),
        RedoLsn = Lsn(
        500),
        CheckpointNextId = 1001,
        LastStart = Marked.AddSeconds(1)
    };

    public static TheoryData<string?, string> PlainAnswers() => new()
    {
        { "committed", nameof(CommitOutcome.Committed) },
        { "aborted", nameof(CommitOutcome.Aborted) },
        { "in progress", nameof(CommitOutcome.InProgress) },
        { CommitObservation.Future, nameof(CommitOutcome.Aborted) },
        { null, nameof(CommitOutcome.Unknown) },
    };

    [Theory]
    [MemberData(nameof(PlainAnswers))]
    public void Judge_NoRestart_TheAnswerCounts(string? status, string outcome) =>
        CommitJudge.Judge(Mark, Quiet with { Status = status }).ToString().ShouldBe(outcome);

    [Theory]
    [InlineData("committed")]
    [InlineData("aborted")]
    [InlineData("in progress")]
    public void Judge_AnotherClusterOrTimeline_IsUnknown(string status)
    {
        CommitJudge.Judge(Mark, Quiet with { Status = status, SystemIdentifier = "other" }).ShouldBe(CommitOutcome.Unknown);
        CommitJudge.Judge(Mark, Quiet with { Status = status, Timeline = 4 }).ShouldBe(CommitOutcome.Unknown);
    }

    [Fact]
    public void Judge_RestartedAndTheIdSurvived_IsCommitted() => CommitJudge.Judge(Mark, Restarted).ShouldBe(CommitOutcome.Committed);

    [Fact]
    public void Judge_RestartedAndTheIdWasGivenOutAgain_IsAborted() =>
        CommitJudge.Judge(Mark, Restarted with { CheckpointNextId = 1000 }).ShouldBe(CommitOutcome.Aborted);

    [Fact]
    public void Judge_OrdinaryCheckpointSinceTheMarkAndNoRestart_IsCommitted() =>
        CommitJudge.Judge(Mark, Quiet with { CheckpointLsn = Lsn(700), RedoLsn = Lsn(600), CheckpointNextId = 1200 })
            .ShouldBe(CommitOutcome.Committed);

    [Fact]
    public void Judge_OrdinaryCheckpointAfterARestart_IsUnknown() =>
        CommitJudge.Judge(Mark, Restarted with { CheckpointLsn = Lsn(700), RedoLsn = Lsn(600), CheckpointNextId = 1200 })
            .ShouldBe(CommitOutcome.Unknown);

    private static NpgsqlLogSequenceNumber Lsn(ulong position) => new(position);
}
