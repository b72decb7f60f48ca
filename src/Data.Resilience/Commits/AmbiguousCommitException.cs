using System.Globalization;

namespace Data.Resilience.Commits;

/// <summary>The connection was lost while committing and whether the transaction took effect could not be found out.</summary>
/// <remarks>
/// The work must not be repeated blindly. An operator or a reconciling job can look for its effects, or ask <c>pg_xact_status</c> on the
/// system named here once that is reachable again.
/// </remarks>
public sealed class AmbiguousCommitException : Exception
{
    internal AmbiguousCommitException(
        string reason,
        CommitOutcome outcome,
        ulong? transactionId,
        string? systemIdentifier,
        uint? timeline,
        Exception? innerException)
        : base(Describe(reason, transactionId), innerException)
    {
        Outcome = outcome;
        TransactionId = transactionId;
        SystemIdentifier = systemIdentifier;
        Timeline = timeline;
    }

    /// <summary>Gets what is known: <see cref="CommitOutcome.Unknown"/> or <see cref="CommitOutcome.InProgress"/>.</summary>
    public CommitOutcome Outcome { get; }

    /// <summary>Gets the 64-bit transaction id, or null when the connection was lost before it was known.</summary>
    public ulong? TransactionId { get; }

    /// <summary>Gets the PostgreSQL system identifier the transaction ran on, or null when it could not be read.</summary>
    public string? SystemIdentifier { get; }

    /// <summary>Gets the timeline the transaction ran on, or null when it could not be read.</summary>
    public uint? Timeline { get; }

    private static string Describe(string reason, ulong? transactionId) => string.Create(
        CultureInfo.InvariantCulture,
        $"The outcome of committing transaction {transactionId?.ToString(CultureInfo.InvariantCulture) ?? "(id unknown)"} "
        + $"is not known: {reason} Do not repeat the work blindly.");
}
