using Data.Resilience.Commits;

namespace Data.Resilience.Sessions;

/// <summary>What must hold when a delegate has returned.</summary>
internal static class DelegateEnd
{
    /// <summary>Completes the session, or throws when something is still in use on its connection: half of it would be committed.</summary>
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
    }
}
