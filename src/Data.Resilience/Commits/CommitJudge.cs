namespace Data.Resilience.Commits;

/// <summary>Decides from a mark and a later observation what became of a transaction.</summary>
/// <remarks>
/// <para><c>pg_xact_status</c> alone is not enough. Transaction ids reach the disk with the log records that carry them. A crash loses what
/// was not flushed, and the server gives the same ids out again: the id of a lost transaction can later belong to another one that is
/// committed (PostgreSQL's own recovery test 011 had to learn this). So an answer counts only when the id cannot have been given out
/// twice:</para>
/// <list type="number">
/// <item>Another cluster or timeline: no answer.</item>
/// <item>The latest checkpoint lies before the position that was durable when the transaction was marked. Every restart writes a checkpoint
/// at or after that position, so there was none: the answer is about our transaction.</item>
/// <item>The latest checkpoint is that of a restart (its redo position is its own). It knows the first id not seen in the log that
/// survived. Below it, our id was seen and not given out again: the answer is about our transaction. At or above it, nothing of our
/// transaction survived: aborted.</item>
/// <item>The latest checkpoint is an ordinary one. If the server has not started since the mark, the answer is about our transaction. Else
/// it is not known.</item>
/// </list>
/// <para>"Aborted" and "never given out" are true in each case but the first: had our transaction been durable, its id would not be
/// free.</para>
/// </remarks>
internal static class CommitJudge
{
    public static CommitOutcome Judge(in TransactionMark mark, in CommitObservation seen)
    {
        if (!string.Equals(mark.SystemIdentifier, seen.SystemIdentifier, StringComparison.Ordinal) || mark.Timeline != seen.Timeline)
            return CommitOutcome.Unknown;

        return seen.Status switch
        {
            "aborted" or CommitObservation.Future => CommitOutcome.Aborted,
            "in progress" => CommitOutcome.InProgress,
            "committed" => JudgeCommitted(mark, seen),
            _ => CommitOutcome.Unknown,
        };
    }

    private static CommitOutcome JudgeCommitted(in TransactionMark mark, in CommitObservation seen)
    {
        if (seen.CheckpointLsn < mark.FlushedLsn)
            return CommitOutcome.Committed;
        if (seen.RedoLsn == seen.CheckpointLsn)
            return mark.TransactionId < seen.CheckpointNextId ? CommitOutcome.Committed : CommitOutcome.Aborted;

        return seen.LastStart < mark.ServerTime ? CommitOutcome.Committed : CommitOutcome.Unknown;
    }
}
