using Data.Resilience.Sessions;

namespace Data.Resilience.Interceptors;

/// <summary>Refuses commands of EF that do not belong where they run.</summary>
internal static class SessionGuard
{
    /// <summary>Refuses a command of a flow that belongs to another session than the context.</summary>
    /// <param name="owner">The session that the context serves.</param>
    /// <remarks>
    /// A pooled context serves one session after another, so a context or query that was kept from an earlier session reads with the rights
    /// of a later one. A flow without any session passes: it may belong to the delegate all the same
    /// (<see cref="ExecutionContext.SuppressFlow"/>, a worker with a flow of its own).
    /// </remarks>
    public static void EnsureOwned(DbSession owner)
    {
        if (!owner.IsCompleted && IsCurrent(owner))
        {
            // The context may have been taken before the scope was opened.
            TransactionScopes.Refuse();
            return;
        }

        throw new InvalidOperationException("A context or query was used outside of the session that it was made in: that session has "
            + "ended, or the context serves another one by now. Use contexts and queries only inside the delegate that got them, and await "
            + "there everything that uses them.");
    }

    /// <summary>Refuses a command of a read session that writes.</summary>
    public static void EnsureReads(string text)
    {
        if (ReadOnlySql.MayWrite(text))
            throw ReadOnlySession.Refusal("A command that writes, or locks rows, was stopped");
    }

    private static bool IsCurrent(DbSession owner)
    {
        var session = DbSession.Current;
        if (session is null)
            return true;

        for (; session is not null; session = session.Outer)
        {
            if (ReferenceEquals(session, owner))
                return true;
        }

        return false;
    }
}
