using System.Data;
using System.Runtime.ExceptionServices;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Sessions;

/// <summary>Runs delegates as sessions.</summary>
internal sealed class DbSessionFactory<TContext>(IDbContextFactory<TContext> contexts, SessionServices services) : IDbSessionFactory<TContext>
    where TContext : DbContext
{
    public async ValueTask<TResult> ExecuteAsync<TState, TResult>(
        DbSessionKind kind,
        Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work,
        TState state,
        DbSessionOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var outcome = await TryExecuteAsync(kind, work, state, options, cancellationToken).ConfigureAwait(false);
        return outcome.GetResultOrThrow();
    }

    public ValueTask<DbSessionOutcome<TResult>> TryExecuteAsync<TState, TResult>(
        DbSessionKind kind,
        Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work,
        TState state,
        DbSessionOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        var ambient = DbSession<TContext>.FindAmbient(this);
        return ambient is null
            ? RunAsync(kind, work, state, options ?? DbSessionOptions.Default, cancellationToken)
            : JoinAsync(ambient, work, state, cancellationToken);
    }

    internal TContext CreateContext() => contexts.CreateDbContext();

    private static async ValueTask<DbSessionOutcome<TResult>> JoinAsync<TState, TResult>(
        DbSession<TContext> ambient, Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work, TState state, CancellationToken cancellationToken)
    {
        try
        {
            return DbSessionOutcome<TResult>.Success(await work(ambient, state, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            ambient.IsRollbackOnly = true;
            return DbSessionOutcome<TResult>.Failure(ExceptionDispatchInfo.Capture(exception));
        }
    }

    private async ValueTask<DbSessionOutcome<TResult>> RunAsync<TState, TResult>(
        DbSessionKind kind,
        Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work,
        TState state,
        DbSessionOptions options,
        CancellationToken cancellationToken)
    {
        try
        {
            var node = services.Router is null ? services.Primary : await services.Router.RouteAsync(kind, options, 1, cancellationToken).ConfigureAwait(false);
            var session = new DbSession<TContext>(this, kind, options, 1, node);
            var connection = await services.Opener.OpenAsync(node, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var transaction = kind == DbSessionKind.Write || options.IsolationLevel is not null
                    ? await connection.BeginTransactionAsync(options.IsolationLevel ?? IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false)
                    : null;
                session.Attach(connection, transaction);
                session.Enter();
                var result = await work(session, state, cancellationToken).ConfigureAwait(false);
                session.Complete();
                if (transaction is not null)
                    await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);

                await session.ReturnContextAsync().ConfigureAwait(false);
                return DbSessionOutcome<TResult>.Success(result);
            }
        }
        catch (Exception exception)
        {
            return DbSessionOutcome<TResult>.Failure(ExceptionDispatchInfo.Capture(exception));
        }
    }
}
