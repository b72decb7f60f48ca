using Data.Resilience.Sessions;

namespace Data.Resilience.Interceptors;

/// <summary>Refuses commands of EF that do not belong where they run.</summary>
internal static class SessionGuard
{
    /// <summary>Refuses a command of a flow that is not part of the session which the context serves, or that runs in a scope.</summary>
    /// <param name="owner">The owner of the command's context.</param>
    public static void EnsureOwned(ContextOwner owner)
    {
        owner.EnsureCurrent();
        // The context may have been taken before the scope was opened.
        if (owner.Session is not null)
            TransactionScopes.Refuse();
    }

    /// <summary>Refuses a command of a read session that writes.</summary>
    public static void EnsureReads(string text)
    {
        if (ReadOnlySql.MayWrite(text))
            throw ReadOnlySession.Refusal("A command that writes, or locks rows, was stopped");
    }
}
