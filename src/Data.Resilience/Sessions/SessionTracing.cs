using System.Diagnostics;
using Data.Resilience.Internal;
using Data.Resilience.Transience;

namespace Data.Resilience.Sessions;

/// <summary>
/// One span per session over all its attempts, with an event per repetition; Npgsql's spans of the statements lie inside.
/// </summary>
/// <remarks>Carries SQLSTATE and the type of an exception, never its text, which may quote data.</remarks>
internal static class SessionTracing
{
    public static Activity? Start(DbSessionKind kind, DbSessionOptions options)
    {
        if (!ResilienceTelemetry.Activities.HasListeners())
            return null;

        var kindName = kind == DbSessionKind.Write ? "write" : "read";
        var span = ResilienceTelemetry.Activities.StartActivity(options.Name ?? kindName + " session");
        span?.SetTag(ResilienceTelemetry.SystemTag, "postgresql").SetTag(ResilienceTelemetry.KindTag, kindName);
        if (options.Name is { } name)
            span?.SetTag(ResilienceTelemetry.OperationTag, name);

        return span;
    }

    public static void Retrying(
        DbSession session,
        SessionFailure failure) => session.Span?.AddEvent(new ActivityEvent("retry", tags: new ActivityTagsCollection
        {
            [ResilienceTelemetry.ReasonTag] = FailureClassifier.NameOf(failure.Exception),
            [ResilienceTelemetry.VerdictTag] = failure.Verdict.ToString(),
        }));

    public static void End(DbSession session, string outcome, Exception? exception)
    {
        if (session.Span is not { } span)
            return;

        span.SetTag(ResilienceTelemetry.NodeTag, session.Node.Name)
            .SetTag(ResilienceTelemetry.AttemptsTag, session.Attempt)
            .SetTag(ResilienceTelemetry.OutcomeTag, outcome);
        // A verified commit is a success, whatever happened to its answer.
        if (exception is null || outcome == "verified")
            return;

        span.SetTag(ResilienceTelemetry.ReasonTag, FailureClassifier.NameOf(exception)).SetStatus(ActivityStatusCode.Error);
        if (FailureClassifier.SqlStateOf(exception) is { } sqlState)
            span.SetTag(ResilienceTelemetry.StatusCodeTag, sqlState);
    }
}
