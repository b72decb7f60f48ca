using System.Runtime.CompilerServices;
using Data.Resilience.Transience;
using Npgsql;

namespace Data.Resilience.Sessions;

/// <summary>Tells the failures of a session's own connection from those of other connections that its delegate used.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal static class FailureOrigin
{
    // In a failed transaction every statement but its end is refused; this one does nothing.
    private const string Probe = "SELECT";

    private static readonly ConditionalWeakTable<Exception, DbSession> Sessions = [];

    /// <summary>Notes on whose connection an exception was thrown, for the sessions that it passes through on its way out.</summary>
    public static void Note(DbSession session, Exception exception) => Sessions.TryAdd(exception, session);

    /// <summary>Whether a failure of the driver, thrown by the delegate, happened on the session's own connection.</summary>
    /// <param name="session">A session whose delegate has thrown, with an open connection.</param>
    /// <param name="failure">The driver's part of what it threw.</param>
    /// <param name="cancellationToken">Ends the question, which is then answered by yes.</param>
    /// <remarks>Costs a round trip when the transaction has to be asked, never without a failure.</remarks>
    public static async ValueTask<bool> IsOwnAsync(DbSession session, Exception failure, CancellationToken cancellationToken)
    {
        if (Sessions.TryGetValue(failure, out var owner))
            return owner == session;
        // Whatever ended a connection would have ended ours.
        if (!FailureClassifier.LeavesConnectionOpen(failure))
            return false;
        // Without a transaction there is nothing that could tell.
        return session.Transaction is null || await ProbeAsync(session, cancellationToken).ConfigureAwait(false) != ProbeResult.Works;
    }

    /// <summary>
    /// Whether a failure inside a savepoint took the whole transaction with it: lost against another one, or the connection is gone.
    /// </summary>
    /// <param name="session">A session with a transaction.</param>
    /// <param name="exception">What was thrown inside the savepoint.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public static async ValueTask<bool> EndsTransactionAsync(DbSession session, Exception exception, CancellationToken cancellationToken)
    {
        if (FailureClassifier.IsBroken(session.Connection))
            return true;
        if (FailureClassifier.DriverFailureOf(exception, connectionBroken: false) is not { } failure)
            return false;

        // The rollback to the savepoint takes away what could be asked later, so it is asked now, if it can matter.
        var verdict = FailureClassifier.Judge(failure, SessionPhase.Execute, connectionBroken: false);
        if (!SessionFailure.MayRepeat(session, verdict) || !await IsOwnAsync(session, failure, cancellationToken).ConfigureAwait(false))
            return false;

        Note(session, failure);
        return FailureClassifier.EndsTransaction(failure);
    }

    /// <summary>Whether the session's connection is lost although its state does not say so.</summary>
    /// <remarks>
    /// A pooler whose server dies writes its error into the middle of an answer, and the driver throws whatever it makes of that.
    /// </remarks>
    public static async ValueTask<bool> IsLostAsync(DbSession session, CancellationToken cancellationToken)
    {
        if (await ProbeAsync(session, cancellationToken).ConfigureAwait(false) != ProbeResult.Lost)
            return false;

        // What is left of the answer must not be read by the next session: the pool closes what is returned from now on.
        if (!FailureClassifier.IsBroken(session.Connection))
            session.Node.DataSource.Clear();
        return true;
    }

    private static async ValueTask<ProbeResult> ProbeAsync(DbSession session, CancellationToken cancellationToken)
    {
        try
        {
            var command = new NpgsqlCommand(Probe, session.Connection);
            await using (command.ConfigureAwait(false))
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return ProbeResult.Works;
        }
        catch (NpgsqlOperationInProgressException)
        {
            // A reader is open on it, which an error would have closed.
            return ProbeResult.Works;
        }
        catch (PostgresException exception) when (FailureClassifier.LeavesConnectionOpen(exception))
        {
            return ProbeResult.Refused;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return ProbeResult.Lost;
        }
        catch (Exception)
        {
            return ProbeResult.Unknown;
        }
    }

    private enum ProbeResult
    {
        Works,

        /// <summary>The transaction has failed.</summary>
        Refused,

        Lost,

        /// <summary>Time ran out before the answer.</summary>
        Unknown,
    }
}
