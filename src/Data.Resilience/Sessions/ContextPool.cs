using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Internal;

namespace Data.Resilience.Sessions;

#pragma warning disable EF1001 // EF's public factory lends contexts only in a way in which whoever disposes of one gives it back.
/// <summary>The contexts of sessions, lent to one session at a time.</summary>
/// <remarks>
/// <para>
/// Only the session gives a context back: disposing of it does nothing, as with the contexts that EF's own pool gives to a service scope.
/// A context that a delegate could give back would serve two sessions at once.
/// </para>
/// <para>
/// The pool is not that of <see cref="IDbContextFactory{TContext}"/>, so a context that has served a session never serves code outside of
/// sessions, and can refuse it. Safe for concurrent use.
/// </para>
/// </remarks>
internal sealed class ContextPool<TContext>(DbContextOptions<TContext> options, IServiceProvider provider)
    : DbContextPool<TContext>(options, provider)
    where TContext : DbContext
{
    /// <summary>Lends an empty context to a session.</summary>
    public TContext Lend(DbSession session)
    {
        var lease = new DbContextLease(this, standalone: false);
        var context = (TContext)lease.Context;
        var owner = ContextOwner.Of(context);
        owner.Session = session;
        if (!owner.ServesSessions)
        {
            owner.ServesSessions = true;
            Guard(context);
            // Every lease begins with the event handlers of the snapshot.
            lease.Context.SnapshotConfiguration();
        }

        lease.Context.SetLease(lease);
        // Something kept, such as an EntityEntry, can change the tracker of a context that is in the pool.
        if (((IDbContextDependencies)context).StateManager.Count > 0)
            context.ChangeTracker.Clear();
        return context;
    }

    /// <summary>Takes a context back from the session that it served.</summary>
    public void TakeBack(TContext context)
    {
        ContextOwner.Of(context).Session = null;
        Return(context);
    }

    /// <summary>Refuses what changes the tracker, and saves it, from outside of the session.</summary>
    private static void Guard(TContext context)
    {
        context.ChangeTracker.Tracking += static (sender, _) => EnsureCurrent(sender);
        context.ChangeTracker.StateChanging += static (sender, _) => EnsureCurrent(sender);
        context.SavingChanges += static (sender, _) => OnSavingChanges((DbContext)sender!);
    }

    private static void EnsureCurrent(object? changeTracker) => ContextOwner.Of(((ChangeTracker)changeTracker!).Context).EnsureCurrent();

    private static void OnSavingChanges(DbContext context)
    {
        var owner = ContextOwner.Of(context);
        owner.EnsureCurrent();
        if (owner.Session is { Kind: DbSessionKind.Read })
            ReadOnlySession.EnsureNoChanges(context);
    }
}
#pragma warning restore EF1001
