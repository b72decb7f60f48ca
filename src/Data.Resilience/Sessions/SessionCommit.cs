using Data.Resilience.Commits;
using Data.Resilience.Transience;
using Npgsql;

namespace Data.Resilience.Sessions;

/// <summary>Ends the transaction of a session whose delegate has returned.</summary>
internal static class SessionCommit
{
    // One handler for all: subscribing it allocates nothing. It runs in the flow of the session that reads the notice.
    private static readonly NoticeEventHandler OnNotice = static (connection, arguments) =>
    {
        if (SynchronousReplication.WasAbandoned(arguments.Notice)
            && DbSession.Current is { } session && ReferenceEquals(session.Connection, connection))
        {
            session.IsCommittedLocally = true;
        }
    };

    /// <summary>Commits, or throws when nothing may be committed.</summary>
    /// <param name="session">A session with a transaction.</param>
    /// <param name="timer">The attempt's timer; a write restarts it, so that COMMIT gets a time limit of its own.</param>
    /// <param name="limit">That limit.</param>
    public static async ValueTask RunAsync(DbSession session, AttemptTimer timer, TimeSpan limit)
    {
        if (session.JoinedFailure is { } joined)
        {
            throw new DbSessionAbortedException("A call that joined this session failed and its work may be half done, so nothing was "
                + "committed. Run it in a savepoint to survive its failure.", joined);
        }

        if (session.Kind == DbSessionKind.Read)
        {
            session.Phase = SessionPhase.CommitRead;
            await session.Transaction!.CommitAsync(timer.Token).ConfigureAwait(false);
            return;
        }

        // From here on the caller's cancellation no longer counts: abandoning a commit half-way leaves its outcome unknown.
        if (!timer.TryRestart(limit))
            throw new OperationCanceledException(timer.Token);

        session.Phase = SessionPhase.Commit;
        session.Connection.Notice += OnNotice;
        try
        {
            (var committed, session.CommitLsn) = await CommitBatch.SendAsync(
                session.Connection,
                session.CommitSteps,
                session.Claim?.CreateCompletion(),
                session.Options.CaptureCommitLsn,
                session.CommandTimeout,
                timer.Token).ConfigureAwait(false);
            if (committed == session.Mark.TransactionId)
                return;
        }
        catch (PostgresException exception) when (string.Equals(
            exception.SqlState,
            SqlStates.InFailedTransaction,
            StringComparison.Ordinal))
        {
            session.Phase = SessionPhase.Execute;
            throw new DbSessionAbortedException("A statement of the session failed, its exception was swallowed and the transaction "
                + "cannot be committed. Let exceptions pass, or run the statement in a savepoint.", exception);
        }
        catch (PostgresException exception) when (FindExplainer(session, exception) is { } step)
        {
            session.Phase = SessionPhase.Execute;
            throw step.Explain(exception);
        }
        finally
        {
            session.Connection.Notice -= OnNotice;
        }

        session.Phase = SessionPhase.Execute;
        throw new InvalidOperationException("The delegate ended the session's transaction itself; what it committed stays, what it "
            + "rolled back is gone. Let the session commit, or throw to roll back.");
    }

    private static ICommitStep? FindExplainer(DbSession session, PostgresException failure) =>
        session.CommitSteps?.FirstOrDefault(step => step.Explains(failure));
}
