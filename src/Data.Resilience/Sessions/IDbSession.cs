using Npgsql;

namespace Data.Resilience.Sessions;

/// <summary>One attempt at a unit of work on one open connection.</summary>
/// <remarks>
/// Belongs to the delegate that got it: not safe for concurrent use and not to be kept after the delegate returns.
/// A retry hands the delegate a new session with a new connection and an empty change tracker. The connection object belongs to this
/// session alone and is disposed at its end; what was kept of it fails. After the delegate has returned, and inside a
/// <see cref="System.Transactions.TransactionScope"/>, the properties that lead to the database throw.
/// </remarks>
public interface IDbSession
{
    /// <summary>Whether the session reads or writes.</summary>
    DbSessionKind Kind { get; }

    /// <summary>Number of the attempt, 1 for the first.</summary>
    int Attempt { get; }

    /// <summary>Open connection; owned by the session, do not close it.</summary>
    NpgsqlConnection Connection { get; }

    /// <summary>Transaction; null in a read session without an isolation level. Owned by the session, do not end it.</summary>
    NpgsqlTransaction? Transaction { get; }

    /// <summary>Values that live as long as this attempt.</summary>
    IDictionary<object, object?> Items { get; }

    /// <summary>Registers work to do once the transaction is known to be committed, never when it is rolled back.</summary>
    /// <param name="hook">Called after the connection was given back, in order of registration. Its exceptions are logged, not thrown: the
    /// commit stands.</param>
    /// <remarks>
    /// In a read session hooks run when the session completes, with a transaction id of 0. A call that repeats an idempotency key runs no
    /// hooks, because its delegate did not run.
    /// </remarks>
    void OnCommitted(Func<DbCommit, ValueTask> hook);

    /// <summary>Registers work to do when the transaction may be committed and it could not be found out whether it is.</summary>
    /// <param name="hook">Called after the connection was given back, in order of registration, before the caller gets
    /// <see cref="Data.Resilience.Commits.AmbiguousCommitException"/>. Its exceptions are logged, not thrown.</param>
    /// <remarks>
    /// Invalidate here what <see cref="OnCommitted"/> invalidates. For each attempt at most one of the two runs; none when it was rolled
    /// back.
    /// </remarks>
    void OnUnknown(Func<DbUnknownCommit, ValueTask> hook);

    /// <summary>Runs work under a savepoint: kept when the work succeeds, undone alone when it throws.</summary>
    /// <typeparam name="TResult">What the work returns.</typeparam>
    /// <param name="work">The work; may open further savepoints. Runs once.</param>
    /// <param name="cancellationToken">Passed to the work.</param>
    /// <returns>The work's result.</returns>
    /// <remarks>
    /// Two round trips. When the work throws, the database returns to the savepoint, entities first tracked inside are detached, others get
    /// their earlier state and values back, and the exception goes on to the caller, who may handle it and continue the session. A failure
    /// that ended the whole transaction (deadlock, serialisation failure, lost connection) is not handled so: the session as a whole fails.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The session has no transaction.</exception>
    Task<TResult> SavepointAsync<TResult>(Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken = default);
}
