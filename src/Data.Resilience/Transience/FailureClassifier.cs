using System.Data;
using System.Net.Sockets;
using Npgsql;

namespace Data.Resilience.Transience;

/// <summary>Maps an exception and the phase it happened in to a verdict.</summary>
internal static class FailureClassifier
{
    // Npgsql has no type of its own for this failure; a test holds the text against the driver.
    private const string PoolExhaustedText = "The connection pool has been exhausted";

    /// <summary>Judges a failure.</summary>
    /// <param name="exception">As thrown; wrappers such as EF's are looked through.</param>
    /// <param name="phase">The phase it was thrown in.</param>
    /// <param name="connectionBroken">Whether the session's connection can no longer be used.</param>
    public static FailureVerdict Judge(Exception exception, SessionPhase phase, bool connectionBroken)
    {
        var failure = Classify(exception, connectionBroken, out var isAnswer);
        // Without an error from the server it is unknown how far a commit got; the same holds for an error that ended the server process.
        if (phase == SessionPhase.Commit && !isAnswer)
            return FailureVerdict.Ambiguous;

        return Verdicts.Of(failure, phase);
    }

    private static FailureClass Classify(Exception exception, bool connectionBroken, out bool isAnswer)
    {
        isAnswer = false;
        for (var current = exception; current is not null; current = Inner(current))
        {
            switch (current)
            {
                case PostgresException error:
                    isAnswer = !EndsProcess(error) || SqlStates.Classify(error.SqlState) == FailureClass.Permanent;
                    return SqlStates.Classify(error.SqlState);
                case OperationCanceledException when !connectionBroken:
                    return FailureClass.Permanent;
                case NpgsqlException when current.Message.StartsWith(PoolExhaustedText, StringComparison.Ordinal):
                    return FailureClass.PoolExhausted;
                case TimeoutException:
                    return connectionBroken ? FailureClass.SessionLost : FailureClass.Timeout;
                case SocketException or IOException:
                    return FailureClass.SessionLost;
                case ObjectDisposedException when connectionBroken:
                    // The driver's own: another thread saw the connection break and took it apart while a command was starting.
                    return FailureClass.SessionLost;
                case NpgsqlException { InnerException: null } when connectionBroken:
                    return FailureClass.SessionLost;
            }
        }

        return FailureClass.Permanent;
    }

    /// <summary>Whether a connection can no longer be used, which tells a time-out from a dead peer.</summary>
    public static bool IsBroken(NpgsqlConnection connection) =>
        (connection.FullState & (ConnectionState.Open | ConnectionState.Broken)) != ConnectionState.Open;

    /// <summary>
    /// Whether a failure inside a savepoint took the whole transaction with it: lost against another one, or the connection is gone.
    /// </summary>
    public static bool EndsTransaction(Exception exception, NpgsqlConnection connection)
    {
        if (IsBroken(connection))
            return true;

        for (var current = exception; current is not null; current = current.InnerException)
        {
            if (current is PostgresException error)
                return error.SqlState.StartsWith("40", StringComparison.Ordinal);
        }

        return false;
    }

    /// <summary>Names a failure for metrics and traces without its text: the SQLSTATE when the server gave one, else the type.</summary>
    public static string NameOf(Exception exception) => SqlStateOf(exception) ?? exception.GetType().FullName!;

    /// <summary>Returns the server's code for a failure; null when the failure is not an answer of the server.</summary>
    public static string? SqlStateOf(Exception exception)
    {
        for (var current = exception; current is not null; current = Inner(current))
        {
            if (current is PostgresException error)
                return error.SqlState;
        }

        return null;
    }

    private static bool EndsProcess(PostgresException error) => error.InvariantSeverity is "FATAL" or "PANIC";

    /// <summary>
    /// Several hosts fail as one aggregate: the one failure that may pass decides, so that a single wrong host does not end the search.
    /// </summary>
    private static Exception? Inner(Exception exception)
    {
        if (exception is not AggregateException { InnerExceptions.Count: > 1 } several)
            return exception.InnerException;

        return several.InnerExceptions
            .FirstOrDefault(static inner => Classify(inner, connectionBroken: true, out _) != FailureClass.Permanent)
            ?? several.InnerException;
    }
}
