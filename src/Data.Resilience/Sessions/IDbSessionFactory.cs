using Data.Resilience.Commits;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Sessions;

/// <summary>
/// Runs delegates as units of work: commits on success, rolls back on any error, retries what is safe to retry and never applies a write
/// twice.
/// </summary>
/// <typeparam name="TContext">The context whose database is used.</typeparam>
/// <remarks>
/// Safe for concurrent use; a singleton. The delegate may run several times and must not keep effects outside the session (use
/// <see cref="IDbSession.OnCommitted"/> for those). A call made inside a delegate joins the session that is already open: it ends with the
/// attempt's time limit, whatever token it gets, and must be awaited. One that starts after the delegate returned is a session of its own.
/// Most callers use the shorter forms of <see cref="DbSessionFactoryExtensions"/>.
/// </remarks>
public interface IDbSessionFactory<TContext>
    where TContext : DbContext
{
    /// <summary>Runs a unit of work and returns its result, or throws what made it fail.</summary>
    /// <typeparam name="TState">The state's type.</typeparam>
    /// <typeparam name="TResult">What the work returns.</typeparam>
    /// <param name="kind">Whether the work writes.</param>
    /// <param name="work">The work. Runs once per attempt. The token it gets is cancelled by the caller or by the attempt's
    /// time-out.</param>
    /// <param name="state">Handed to the work, so that it can be a static delegate without closure.</param>
    /// <param name="options">Settings of this session; null means the configured ones.</param>
    /// <param name="cancellationToken">Ends the session; never retried. A commit that was already sent is awaited.</param>
    /// <returns>The work's result of the attempt that was committed.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled before the commit was sent; nothing was applied.</exception>
    /// <exception cref="AmbiguousCommitException">The connection was lost while committing and the outcome could not be found
    /// out.</exception>
    /// <exception cref="TimeoutException">An attempt took longer than its limit and is not repeated.</exception>
    /// <exception cref="DbSessionAbortedException">The delegate returned while something of its session was still in use, or after a
    /// failure that it swallowed; nothing was committed.</exception>
    /// <exception cref="DbSessionRejectedException">The circuit is open: nothing was sent.</exception>
    /// <exception cref="InvalidOperationException">A write was requested inside a read session, or a stricter isolation level than the open
    /// session's; or the call was made inside a TransactionScope.</exception>
    ValueTask<TResult> ExecuteAsync<TState, TResult>(
        DbSessionKind kind,
        Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work,
        TState state,
        DbSessionOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Runs a unit of work and returns its outcome, a failure included, without throwing.</summary>
    /// <inheritdoc cref="ExecuteAsync" path="/typeparam"/>
    /// <inheritdoc cref="ExecuteAsync" path="/param"/>
    /// <returns>The outcome: the result, or the exception that <see cref="ExecuteAsync"/> would have thrown.</returns>
    /// <remarks>An open circuit costs about a microsecond here: no exception is made, no connection touched.</remarks>
    ValueTask<DbSessionOutcome<TResult>> TryExecuteAsync<TState, TResult>(
        DbSessionKind kind,
        Func<IDbSession<TContext>, TState, CancellationToken, Task<TResult>> work,
        TState state,
        DbSessionOptions? options = null,
        CancellationToken cancellationToken = default);
}
