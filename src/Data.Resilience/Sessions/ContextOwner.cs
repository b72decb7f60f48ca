using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Sessions;

/// <summary>The session that a pooled context serves at present.</summary>
/// <remarks>One per context object, kept as long as that; reading and setting it costs a look-up and allocates nothing.</remarks>
internal sealed class ContextOwner
{
    private const string Misused = "A context or query was used outside of the session that it was made in: ";
    private static readonly ConditionalWeakTable<DbContext, ContextOwner> Owners = new();
    private DbSession? _session;

    /// <summary>The session; null while the context is in its pool, and for contexts that were created outside of sessions.</summary>
    public DbSession? Session
    {
        get => Volatile.Read(ref _session);
        set => Volatile.Write(ref _session, value);
    }

    /// <summary>Whether the context comes from the sessions' pool and serves nobody else.</summary>
    public bool ServesSessions { get; set; }

    public static ContextOwner Of(DbContext context) => Owners.GetValue(context, static _ => new ContextOwner());

    /// <summary>Refuses a flow that is not part of the session which the context serves.</summary>
    /// <remarks>
    /// A pooled context serves one session after another, so a context or query that was kept from an earlier session would read and write
    /// with the rights of a later one. Nothing but the flow tells them apart, so a flow without any session is refused too.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The calling flow is not part of the session, or the session has ended.</exception>
    public void EnsureCurrent()
    {
        var session = Session;
        if (session is null ? ServesSessions : session.IsCompleted || !IsCurrent(session))
            throw Refusal(session);
    }

    private static bool IsCurrent(DbSession session)
    {
        for (var current = DbSession.Current; current is not null; current = current.Outer)
        {
            if (ReferenceEquals(current, session))
                return true;
        }

        return false;
    }

    private static InvalidOperationException Refusal(DbSession? session)
    {
        if (session is null || session.IsCompleted)
        {
            return new(Misused + "that session has ended. Return results from the delegate (ToListAsync), not an IQueryable or an "
                + "IAsyncEnumerable, and await in it everything that uses the context.");
        }

        return DbSession.Current is null
            ? new(Misused + "the calling code runs in no session. If it belongs to a session's delegate, let the execution context flow to "
                + "it (no ExecutionContext.SuppressFlow, no worker that was started elsewhere), or open a session in it. If that session "
                + "has ended, the context serves another one by now: return results from the delegate (ToListAsync), not an IQueryable or "
                + "an IAsyncEnumerable.")
            : new(Misused + "the calling code runs in another session than the one that the context serves by now. Use contexts and "
                + "queries only inside the delegate that got them, and await in it everything that uses them.");
    }
}
