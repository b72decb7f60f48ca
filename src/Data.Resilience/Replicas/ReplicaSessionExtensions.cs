using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Replicas;

/// <summary>Writes that hand out the token with which a later read sees them.</summary>
public static class ReplicaSessionExtensions
{
    /// <summary>Runs a write session and returns its result together with the token of its commit.</summary>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <typeparam name="TResult">What the work returns.</typeparam>
    /// <param name="factory">The sessions.</param>
    /// <param name="work">The work; runs once per attempt.</param>
    /// <param name="options">Settings of this session; null means the configured ones.</param>
    /// <param name="cancellationToken">Ends the session; never retried.</param>
    /// <returns>The result of the attempt that was committed, and its token.</returns>
    /// <remarks>
    /// No added round trip: the position travels with the COMMIT. Only when the commit's answer was lost it is asked for
    /// afterwards. When an idempotency key was repeated, reads with the token go to the primary. A call
    /// inside an open session is refused, as nothing is committed when it returns. The token stays good after a fail-over: it is then
    /// served by the primary.
    /// </remarks>
    /// <exception cref="InvalidOperationException">A session is open around the call.</exception>
    public static async ValueTask<CommittedResult<TResult>> WriteWithTokenAsync<TContext, TResult>(
        this IDbSessionFactory<TContext> factory,
        Func<IDbSession<TContext>, CancellationToken, Task<TResult>> work,
        DbSessionOptions? options = null,
        CancellationToken cancellationToken = default)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentNullException.ThrowIfNull(work);
        CommitToken? token = null;
        var outcome = await factory.TryExecuteAsync(
            DbSessionKind.Write,
            (session, work, attempt) =>
            {
                session.OnCommitted(async commit => token = await TokenOfAsync((DbSession)session, commit).ConfigureAwait(false));
                return work(session, attempt);
            },
            work,
            Capturing(options),
            cancellationToken).ConfigureAwait(false);
        var result = outcome.GetResultOrThrow();
        // The position of an earlier call's commit is not known.
        if (outcome.IsRepeated)
            token = PrimaryAlone;
        return token is { } known
            ? new CommittedResult<TResult>(result, known.ToString())
            : throw new InvalidOperationException(
                "WriteWithTokenAsync was called inside an open session, which is not committed yet. Call it on the outermost session.");
    }

    /// <summary>A token that only the primary serves.</summary>
    private static CommitToken PrimaryAlone => new(SystemIdentifier: 0, Timeline: 0, Position: ulong.MaxValue);

    private static async ValueTask<CommitToken> TokenOfAsync(DbSession session, DbCommit commit)
    {
        // Nothing is known of a server that hides its identity.
        if (session.Mark.SystemIdentifier is not { } system)
            return PrimaryAlone;

        var position = commit.Lsn is { } known ? (ulong)known : await AskAsync(session).ConfigureAwait(false);
        return CommitToken.Of(system, session.Mark.Timeline, position);
    }

    /// <summary>Asks for a position at or after the commit; without one the token names the primary alone.</summary>
    private static async ValueTask<ulong?> AskAsync(DbSession session)
    {
        try
        {
            var command = session.Node.DataSource.CreateCommand("SELECT pg_current_wal_insert_lsn()");
            await using (command.ConfigureAwait(false))
                return (ulong)(NpgsqlLogSequenceNumber)(await command.ExecuteScalarAsync().ConfigureAwait(false))!;
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    private static DbSessionOptions Capturing(DbSessionOptions? options) => options is { CaptureCommitLsn: true } ?
        options :
        new DbSessionOptions
        {
            IsolationLevel = options?.IsolationLevel,
            Name = options?.Name,
            AttemptTimeout = options?.AttemptTimeout,
            TotalTimeout = options?.TotalTimeout,
            MaxRetryAttempts = options?.MaxRetryAttempts,
            FailFast = options?.FailFast,
            RetryUniqueViolations = options?.RetryUniqueViolations ?? false,
            CaptureCommitLsn = true,
            IdempotencyKey = options?.IdempotencyKey,
            IdempotencyFingerprint = options?.IdempotencyFingerprint,
        };
}
