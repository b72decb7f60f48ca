using System.Data;
using Data.Resilience.Commits;

namespace Data.Resilience.Sessions;

/// <summary>What must hold when a delegate has returned.</summary>
internal static class DelegateEnd
{
    /// <summary>
    /// Completes the session, or throws when something is still in use on its connection, or the connection is closed: half of the work, or
    /// nothing, would be committed.
    /// </summary>
    public static void EnsureNothingRuns(DbSession session)
    {
        if (!session.Complete())
        {
            throw new DbSessionAbortedException("The delegate returned while a call that had joined its session was still running, so "
                + "nothing was committed. Await every call inside the delegate.");
        }

        if (session.IsBusy)
        {
            throw new DbSessionAbortedException("The delegate returned while a data reader, an enumerator, a COPY or a command was still "
                + "in use on the session's connection, so nothing was committed. Dispose every reader, enumerator and COPY (await using), "
                + "and await every command inside the delegate.");
        }

        if (session.HasLostSavepoints)
        {
            throw new DbSessionAbortedException("The delegate rolled back to a savepoint that the session does not know, in a session with "
                + "messages for the outbox, so it is not known which of them are to be sent, and nothing was committed. Use "
                + "session.SavepointAsync instead of a savepoint of your own.");
        }

        // One that broke is another matter.
        if (session.Transaction is not null && session.Connection.FullState == ConnectionState.Closed)
        {
            throw new DbSessionAbortedException("The delegate closed the session's connection, which rolled the transaction back, so "
                + "nothing was committed. Leave the connection and the transaction open; the session ends them.");
        }
    }
}
