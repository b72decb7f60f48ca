using System.Diagnostics;
using Data.Resilience.Internal;
using Data.Resilience.Transience;

namespace Data.Resilience.Sessions;

/// <summary>The measures of whole sessions.</summary>
internal static class SessionMetrics
{
    /// <summary>Records a session that is over, as measure and in its span; costs nothing while nobody listens.</summary>
    public static void Record(SessionServices services, DbSession session, long started, string outcome, Exception? exception)
    {
        SessionTracing.End(session, outcome, exception);
        if (!ResilienceTelemetry.SessionDuration.Enabled)
            return;

        var tags = new TagList
        {
            { ResilienceTelemetry.NodeTag, session.Node.Name },
            { ResilienceTelemetry.KindTag, session.Kind == DbSessionKind.Write ? "write" : "read" },
            { ResilienceTelemetry.OutcomeTag, outcome },
        };
        if (exception is not null)
            tags.Add(ResilienceTelemetry.ReasonTag, FailureClassifier.NameOf(exception));
        if (session.Options.Name is { } name)
            tags.Add(ResilienceTelemetry.OperationTag, name);

        ResilienceTelemetry.SessionDuration.Record(services.Time.GetElapsedTime(started).TotalSeconds, tags);
    }
}
