using System.Data;
using Data.Resilience.Connections;
using Data.Resilience.Savepoints;
using Data.Resilience.Transience;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Sessions;

/// <summary>One attempt over a context that is rented on first use.</summary>
internal sealed class DbSession<TContext>(
    DbSessionFactory<TContext> factory, DbSessionKind kind, DbSessionOptions options, int attempt, DatabaseNode node)
    : DbSession(kind, options, attempt, node), IDbSession<TContext>
    where TContext : DbContext
{
    private TContext? _context;

    public TContext Context
    {
        get
        {
            EnsureUsable();
            return _context ??= Rent();
        }
    }

    /// <summary>
    /// Joins the session of the same factory that the calling flow runs in, if there is one; the call ends with
    /// <see cref="DbSession.Leave"/>.
    /// </summary>
    internal static DbSession<TContext>? JoinAmbient(DbSessionFactory<TContext> factory)
    {
        for (var session = Current; session is not null; session = session.Outer)
        {
            if (session is DbSession<TContext> candidate && candidate.Owner == factory && candidate.TryJoin())
                return candidate;
        }

        return null;
    }

    internal DbSessionFactory<TContext> Owner => factory;

    public override async Task<TResult> SavepointAsync<TResult>(
        Func<CancellationToken, Task<TResult>> work,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        EnsureUsable();
        if (Transaction is null)
        {
            throw new InvalidOperationException(
                "A savepoint needs a transaction: open the session for writing, or give the read session an isolation level.");
        }

        var name = NextSavepointName();
        var joinedFailure = JoinedFailure;
        var collected = CountCommitSteps();
        var snapshot = _context is null ? ChangeTrackerSnapshot.Empty : ChangeTrackerSnapshot.Take(_context);
        await Transaction.SaveAsync(name, cancellationToken).ConfigureAwait(false);
        TResult result;
        try
        {
            result = await work(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The whole transaction is lost: a rollback to the savepoint would only hide that.
            if (await FailureOrigin.EndsTransactionAsync(this, exception, cancellationToken).ConfigureAwait(false))
            {
                OnTransactionLost(exception);
                throw;
            }

            // Not with the work's token: after its cancellation the rest of the session may go on.
            await Transaction.RollbackAsync(name, CancellationToken.None).ConfigureAwait(false);
            JoinedFailure = joinedFailure;
            TruncateCommitSteps(collected);
            if (_context is not null)
                snapshot.Restore(_context);
            throw;
        }

        await Transaction.ReleaseAsync(name, cancellationToken).ConfigureAwait(false);
        return result;
    }

    internal override bool CollectsForCommit => factory.CollectsForCommit;

    internal override TPart? FindPart<TPart>()
        where TPart : class => factory.FindPart<TPart>();

    /// <summary>Gives the context back.</summary>
    /// <remarks>
    /// It keeps the connection object, which is disposed next: without one, a query that was kept would open a connection of its own, which
    /// nobody closes once the next session has given the context another.
    /// </remarks>
    internal override void ReturnContext()
    {
        if (_context is not { } context)
            return;

        _context = null;
        if (Transaction is not null)
            context.Database.UseTransaction(transaction: null);
        // Without a transaction nothing is left that could block.
        factory.TakeBack(context);
        if (!WasConnectionSeen && !WasRefused && Connection.FullState == ConnectionState.Open)
            Node.Commands.TakeBack(Connection);
    }

    private TContext Rent()
    {
        var context = factory.Lend(this);
        Node.Commands.Lend(Connection);
        context.Database.SetDbConnection(Connection);
        if (CommandTimeout > 0)
            context.Database.SetCommandTimeout(CommandTimeout);

        if (Transaction is not null)
        {
            context.Database.UseTransaction(Transaction);
            // EF would add a savepoint and a round trip to every SaveChanges; here a failure that is to be survived has SavepointAsync.
            context.Database.AutoSavepointsEnabled = false;
        }

        if (Kind == DbSessionKind.Read)
            context.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;

        return context;
    }
}
