using System.Data;
using System.Net.Sockets;
using Npgsql;

namespace Data.Resilience.Transience;

/// <summary>Maps an exception and the phase it happened in to a verdict.</summary>
internal static class FailureClassifier
{
    // Npgsql has no types of its own for these failures; tests hold the texts against the driver.
    private const string PoolExhaustedText = "The connection pool has been exhausted";
    private const string NoHostText = "No suitable host was found";
    private const string NoHostReachedText = "Unable to connect to a suitable host";

    /// <summary>Judges a failure of the driver, or one in a step that the package takes by itself.</summary>
    /// <param name="exception">As thrown; wrappers such as EF's are looked through.</param>
    /// <param name="phase">The phase it was thrown in.</param>
    /// <param name="connectionBroken">Whether the session's connection can no longer be used.</param>
    public static FailureVerdict Judge(Exception exception, SessionPhase phase, bool connectionBroken)
    {
        var failure = Classify(exception, connectionBroken, out var isAnswer);
        // Without an error from the server it is unknown how far a commit got; the same holds for an error that ended the server process.
        if (phase == SessionPhase.Commit && !isAnswer)
            return FailureVerdict.Ambiguous;
        if (failure == FailureClass.Permanent && phase == SessionPhase.Open && (IsTornAnswer(exception) || IsTornDown(exception)))
            failure = FailureClass.SessionLost;

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
                    var failure = PoolerErrors.IsOfPooler(error) ? PoolerErrors.Classify(error) : SqlStates.Classify(error.SqlState);
                    isAnswer = !EndsProcess(error) || failure == FailureClass.Permanent;
                    return failure;
                case OperationCanceledException when !connectionBroken:
                    return FailureClass.Permanent;
                case NpgsqlException when Says(current, PoolExhaustedText):
                    return FailureClass.PoolExhausted;
                case NpgsqlException when Says(current, NoHostText):
                    return FailureClass.NoHost;
                case NpgsqlException { InnerException: { } hosts } when Says(current, NoHostReachedText):
                    var last = Classify(hosts, connectionBroken, out isAnswer);
                    var isAway = last is FailureClass.Unavailable or FailureClass.SessionLost or FailureClass.Timeout;
                    return isAway ? FailureClass.NoHost : last;
                case TimeoutException:
                    return connectionBroken ? FailureClass.SessionLost : FailureClass.Timeout;
                case SocketException or IOException:
                    return FailureClass.SessionLost;
                case NpgsqlException { InnerException: null } when connectionBroken:
                    return FailureClass.SessionLost;
                case not (NpgsqlException or OperationCanceledException) when connectionBroken && ThrowSite.IsInDriver(current):
                    // Any exception of the framework: the driver read a message that another one had torn, or met what another thread
                    // had taken apart when the connection broke.
                    return FailureClass.SessionLost;
            }
        }

        return FailureClass.Permanent;
    }

    /// <summary>
    /// Returns the part of a failure that the driver threw, or null when it has none: then the delegate threw it by itself.
    /// </summary>
    /// <param name="exception">As thrown; wrappers are looked through.</param>
    /// <param name="connectionBroken">Whether the session's connection broke; only then is an exception of the framework the
    /// driver's.</param>
    public static Exception? DriverFailureOf(Exception exception, bool connectionBroken)
    {
        if (exception is NpgsqlException || (connectionBroken && ThrowSite.IsInDriver(exception)))
            return exception;
        if (exception is not AggregateException several)
            return exception.InnerException is { } inner ? DriverFailureOf(inner, connectionBroken) : null;

        var failures = several.InnerExceptions.Select(inner => DriverFailureOf(inner, connectionBroken)).OfType<Exception>().ToArray();
        return failures.FirstOrDefault(failure => Classify(failure, connectionBroken, out _) != FailureClass.Permanent)
            ?? failures.FirstOrDefault();
    }

    /// <summary>
    /// Whether the driver refused a value that it was given, such as a buffer size, rather than stumbled over what the server sent.
    /// </summary>
    public static bool IsRefusedArgument(Exception exception) =>
        exception is ArgumentException or NotSupportedException
        && ThrowSite.IsInDriver(exception) && !ThrowSite.IsInReading(exception);

    /// <summary>
    /// Whether the driver met a part of a link that was disposed of when the link broke, which shows that it broke when the connection
    /// itself can no longer be asked.
    /// </summary>
    public static bool IsTornDown(Exception exception)
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            // What a caller can hand to the driver, such as a stream of its own, is of other types.
            if (current is ObjectDisposedException disposed
                && (disposed.ObjectName == typeof(ManualResetEventSlim).FullName
                    || disposed.ObjectName.StartsWith("System.Net.", StringComparison.Ordinal))
                && ThrowSite.IsInDriver(current))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a connection can no longer be used, which tells a time-out from a dead peer.</summary>
    public static bool IsBroken(NpgsqlConnection connection) =>
        (connection.FullState & (ConnectionState.Open | ConnectionState.Broken)) != ConnectionState.Open;

    /// <summary>Whether an error ends its whole transaction: a savepoint cannot undo it.</summary>
    public static bool EndsTransaction(Exception failure) =>
        failure is PostgresException error && error.SqlState.StartsWith("40", StringComparison.Ordinal);

    /// <summary>
    /// Whether an error leaves its connection intact: an answer of severity ERROR, or a time-out after which the statement was cancelled.
    /// </summary>
    public static bool LeavesConnectionOpen(Exception failure) =>
        failure is PostgresException error ? !EndsProcess(error) : failure.InnerException is TimeoutException;

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

    private static bool Says(Exception exception, string text) => exception.Message.StartsWith(text, StringComparison.Ordinal);

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

    /// <summary>
    /// Whether the driver stumbled over an answer that ended in the middle, as a pooler's do when its server dies. While a connection is
    /// being opened there is no object yet that could be broken; mistakes of configuration have other types.
    /// </summary>
    private static bool IsTornAnswer(Exception exception) =>
        (exception is ArgumentOutOfRangeException or IndexOutOfRangeException or InvalidCastException or FormatException
            or OverflowException or KeyNotFoundException or NullReferenceException
            || exception.GetType() == typeof(Exception) || exception.GetType() == typeof(InvalidOperationException))
        && ThrowSite.IsInDriver(exception)
        && (exception is not (ArgumentException or InvalidOperationException) || ThrowSite.IsInReading(exception));
}
