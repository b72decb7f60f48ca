using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Sessions;

/// <summary>The session that a pooled context serves at present.</summary>
/// <remarks>One per context object, kept as long as that; reading and setting it costs a look-up and allocates nothing.</remarks>
internal sealed class ContextOwner
{
    private static readonly ConditionalWeakTable<DbContext, ContextOwner> Owners = new();
    private DbSession? _session;

    /// <summary>The session; null while the context is in its pool, and for contexts that were created outside of sessions.</summary>
    public DbSession? Session
    {
        get => Volatile.Read(ref _session);
        set => Volatile.Write(ref _session, value);
    }

    public static ContextOwner Of(DbContext context) => Owners.GetValue(context, static _ => new ContextOwner());
}
