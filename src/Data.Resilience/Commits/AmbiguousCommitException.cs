using System.Globalization;

namespace Data.Resilience.Commits;

/// <summary>Thrown when the connection was lost while committing and the outcome could not be determined.</summary>
/// <remarks>
/// The work must not be repeated blindly. An operator or a reconciling job can look for its effects, or ask <c>pg_xact_status</c> on the
/// system named here once that is reachable again.
/// </remarks>
public sealed class AmbiguousCommitException : DataResilienceException
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

    /// <summary>What is known: <see cref="CommitOutcome.Unknown"/> or <see cref="CommitOutcome.InProgress"/>.</summary>
    public CommitOutcome Outcome { get; }

    /// <summary>64-bit transaction id; null when the connection was lost before the id was known.</summary>
    public ulong? TransactionId { get; }

    /// <summary>PostgreSQL system identifier of the cluster on which the transaction ran; null when it could not be read.</summary>
    public string? SystemIdentifier { get; }

    /// <summary>Timeline on which the transaction ran; null when it could not be read.</summary>
    public uint? Timeline { get; }

    private static string Describe(string reason, ulong? transactionId) => string.Create(
        CultureInfo.InvariantCulture,
        $"The outcome of committing transaction {transactionId?.ToString(CultureInfo.InvariantCulture) ?? "(id unknown)"} "
        + $"is not known: {reason} Do not repeat the work blindly.");
}
