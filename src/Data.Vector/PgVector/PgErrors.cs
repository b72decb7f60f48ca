using System.Data.Common;

namespace Data.Vector.PgVector;

/// <summary>
/// What PostgreSQL and its driver report, as the errors that all stores share. Messages hold neither addresses nor values.
/// </summary>
internal static class PgErrors
{
    public const string Server = "PostgreSQL";

    // https://www.postgresql.org/docs/current/errcodes-appendix.html
    public const string UniqueViolation = "23505", UndefinedTable = "42P01", InsufficientPrivilege = "42501";
    public const string UndefinedFile = "58P01", FeatureNotSupported = "0A000";

    private const string SerializationFailure = "40001", DeadlockDetected = "40P01", LockNotAvailable = "55P03";
    private const string TooManyConnections = "53300", CannotConnectNow = "57P03", QueryCanceled = "57014", DiskFull = "53100";
    private const string ReadOnlyTransaction = "25006", NotNullViolation = "23502", UndefinedObject = "42704";

    /// <summary>Returns the error to throw.</summary>
    /// <param name="exception">What the driver threw.</param>
    /// <param name="collection">The collection that the call concerns; null when it concerns none.</param>
    /// <param name="connected">Whether there was a connection, so that something may have been sent.</param>
    public static DataVectorException From(Exception exception, string? collection, bool connected)
    {
        var state = (exception as DbException)?.SqlState;
        return state switch
        {
            null => Unavailable("could not be reached, or the connection broke", nothingDone: !connected),
            SerializationFailure or DeadlockDetected or LockNotAvailable
                => Unavailable("rolled the call back because of another one", nothingDone: true),
            TooManyConnections or CannotConnectNow => Unavailable("does not accept connections now", nothingDone: true),
            QueryCanceled => Unavailable("cancelled the statement; see its statement_timeout", nothingDone: false),
            DiskFull => new VectorStoreFullException($"{Server}'s disk is full; nothing was written.", exception),
            ReadOnlyTransaction => new VectorStoreReadOnlyException(
                $"{Server} is read-only: a replica, or a login with default_transaction_read_only. Reads work; send writes to the primary.",
                exception),
            UndefinedTable when collection is not null => new VectorCollectionNotFoundException(
                $"Collection '{collection}' does not exist in {Server}.",
                exception),
            NotNullViolation => Rejected(
                "the row has no tenant; set the store's TenantSetting on the connection, or register an IVectorTenant"),
            UndefinedObject => Rejected("it does not know a type or a TextConfiguration that the call names"),
            InsufficientPrivilege => Rejected(
                "the login lacks a right that the call needs, or a policy of row-level security rejects the row, as it does without a "
                + "tenant"),
            ['2', '8', ..] => Rejected("it does not accept the login"),
            ['0', '8', ..] or ['5', '7', 'P', ..] or ['5', '3', ..]
                => Unavailable("closed the connection or lacks resources", nothingDone: !connected),
            _ => Rejected("the statement failed"),
        };

        VectorStoreUnavailableException Unavailable(string reason, bool nothingDone) =>
            new($"{Server} {reason}{Code()}.", exception) { NothingDone = nothingDone };

        VectorStoreProtocolException Rejected(string reason) => new($"{Server} rejected the call: {reason}{Code()}.", state, exception);

        string Code() => state is null ? "" : $" (SQLSTATE {state})";
    }

    /// <summary>Whether an error of the store comes from an error of the server.</summary>
    public static bool IsState(Exception? exception, string state) =>
        (exception as DbException ?? exception?.InnerException as DbException)?.SqlState == state;
}
