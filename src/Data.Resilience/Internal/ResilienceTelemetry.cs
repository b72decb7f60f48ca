using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Data.Resilience.Internal;

/// <summary>The package's meter and activity source, and the names of its attributes.</summary>
/// <remarks>
/// Instruments and attributes of the package's own start with <c>data.resilience.</c>. An attribute that OpenTelemetry's conventions define
/// keeps the name that it has there.
/// </remarks>
internal static class ResilienceTelemetry
{
    public const string Name = "Data.Resilience";

    public const string NodeTag = "data.resilience.node";
    public const string KindTag = "data.resilience.session.kind";
    public const string OutcomeTag = "data.resilience.outcome";
    public const string OperationTag = "db.operation.name";
    public const string ReasonTag = "error.type";
    public const string SystemTag = "db.system.name";
    public const string StatusCodeTag = "db.response.status_code";
    public const string AttemptsTag = "data.resilience.session.attempts";
    public const string VerdictTag = "data.resilience.verdict";
    public const string StateTag = "data.resilience.state";
    public const string FingerprintTag = "data.resilience.query.fingerprint";

    public static readonly ActivitySource Activities = new(Name);

    public static readonly Meter Meter = new(Name);

    public static readonly Histogram<double> SessionDuration = Meter.CreateHistogram<double>(
        "data.resilience.session.duration", "s", "Duration of sessions with all their attempts, by outcome.");

    public static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "data.resilience.session.retries", "{retry}", "Attempts that were repeated, by verdict.");

    public static readonly Counter<long> RetriesDenied = Meter.CreateCounter<long>(
        "data.resilience.session.retries_denied", "{retry}", "Retries not made because the budget was spent, by calls that fail fast.");

    public static readonly Histogram<double> WaitTime = Meter.CreateHistogram<double>(
        "data.resilience.session.wait_time", "s", "Time that sessions waited for the database to answer again, by outcome.");

    public static readonly Counter<long> AbandonedSteps = Meter.CreateCounter<long>(
        "data.resilience.session.abandoned", "{session}", "Sessions that ended while one of their steps was still running.");

    public static readonly Counter<long> Rejections = Meter.CreateCounter<long>(
        "data.resilience.session.rejections", "{session}", "Sessions rejected by an open circuit.");

    public static readonly Counter<long> CommitVerifications = Meter.CreateCounter<long>(
        "data.resilience.commit.verifications", "{commit}", "Commits whose answer was lost, by the outcome found.");

    public static readonly Counter<long> CircuitChanges = Meter.CreateCounter<long>(
        "data.resilience.circuit.changes", "{change}", "Changes of the circuit's state, by new state.");
}
