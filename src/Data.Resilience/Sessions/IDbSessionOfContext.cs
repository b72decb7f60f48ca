using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Sessions;

/// <summary>One attempt at a unit of work over an EF Core context.</summary>
/// <typeparam name="TContext">The context.</typeparam>
/// <inheritdoc cref="IDbSession" path="/remarks"/>
public interface IDbSession<out TContext> : IDbSession
    where TContext : DbContext
{
    /// <summary>
    /// Context of the session: rented on first use, empty, bound to <see cref="IDbSession.Connection"/> and enlisted in the transaction.
    /// </summary>
    /// <remarks>
    /// In a read session its queries do not track unless they call <c>AsTracking</c>. A session that never reads this property rents no
    /// context. The context works only in the flow of the delegate and of what the delegate calls or starts; elsewhere, and after the
    /// delegate has returned, it throws <see cref="InvalidOperationException"/>. The session gives it back; disposing of it does nothing.
    /// </remarks>
    TContext Context { get; }
}
