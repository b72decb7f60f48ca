using Data.Resilience.Connections;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Sessions;

/// <summary>One attempt over a context that is rented when first asked for.</summary>
internal sealed class DbSession<TContext>(
    DbSessionFactory<TContext> factory, DbSessionKind kind, DbSessionOptions options, int attempt, DatabaseNode node)
    : DbSession(kind, options, attempt, node), IDbSession<TContext>
    where TContext : DbContext
{
    private TContext? _context;

    public TContext Context => _context ??= Rent();

    /// <summary>Finds the session of the same factory that the calling flow runs in, so that nested calls join it.</summary>
    internal static DbSession<TContext>? FindAmbient(DbSessionFactory<TContext> factory)
    {
        for (var session = Current; session is not null; session = session.Outer)
        {
            if (session is DbSession<TContext> { IsCompleted: false } candidate && candidate.Owner == factory)
                return candidate;
        }

        return null;
    }

    internal DbSessionFactory<TContext> Owner => factory;

    public override Task<TResult> SavepointAsync<TResult>(Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        throw new InvalidOperationException("A savepoint needs a transaction.");
    }

    /// <summary>Gives the context back, clean: a pooled context keeps a foreign connection unless it is taken away.</summary>
    internal override async ValueTask ReturnContextAsync()
    {
        if (_context is not { } context)
            return;

        _context = null;
        context.Database.UseTransaction(transaction: null);
        context.Database.SetDbConnection(connection: null);
        await context.DisposeAsync().ConfigureAwait(false);
    }

    private TContext Rent()
    {
        ObjectDisposedException.ThrowIf(IsCompleted, this);
        var context = factory.CreateContext();
        context.Database.SetDbConnection(Connection);
        if (Transaction is not null)
            context.Database.UseTransaction(Transaction);
        if (Kind == DbSessionKind.Read)
            context.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;

        return context;
    }
}
