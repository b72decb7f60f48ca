using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Data.Resilience.Internal;

/// <summary>The package's meter and activity source; names follow OpenTelemetry's database conventions.</summary>
internal static class ResilienceTelemetry
{
    public const string Name = "Data.Resilience";

    public const string NodeTag = "db.client.node.name";
    public const string KindTag = "db.session.kind";
    public const string OutcomeTag = "db.session.outcome";
    public const string OperationTag = "db.operation.name";
    public const string ReasonTag = "error.type";
    public const string SystemTag = "db.system.name";
    public const string StatusCodeTag = "db.response.status_code";
    public const string AttemptsTag = "db.session.attempts";
    public const string VerdictTag = "db.session.verdict";

    public static readonly ActivitySource Activities = new(Name);

    public static readonly Meter Meter = new(Name);

    public static readonly Histogram<double> SessionDuration = Meter.CreateHistogram<double>(
        "db.client.session.duration", "s", "Duration of sessions with all their attempts, by outcome.");

    public static readonly Counter<long> Retries = Meter.CreateCounter<long>(
        "db.client.session.retries", "{retry}", "Attempts that were repeated, by verdict.");

    public static readonly Counter<long> RetriesDenied = Meter.CreateCounter<long>(
        "db.client.session.retries.denied", "{retry}", "Retries not made because the budget was spent.");

    public static readonly Counter<long> Rejections = Meter.CreateCounter<long>(
        "db.client.session.rejections", "{session}", "Sessions turned away by an open circuit.");

    public static readonly Counter<long> CommitVerifications = Meter.CreateCounter<long>(
        "db.client.commit.verifications", "{commit}", "Commits whose answer was lost, by the outcome found out.");

    public static readonly Counter<long> CircuitChanges = Meter.CreateCounter<long>(
        "db.client.circuit.changes", "{change}", "Changes of the circuit's state, by new state.");
}
