using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Data.Health.Internal;

internal static partial class HealthLog
{
    [LoggerMessage(4000, LogLevel.Debug, "Check {Contributor} did not answer within {TimeoutMs} ms.")]
    public static partial void CheckTimedOut(ILogger logger, string contributor, double timeoutMs);

    [LoggerMessage(4001, LogLevel.Debug, "Check {Contributor} threw {ExceptionType}.")]
    public static partial void CheckThrew(ILogger logger, string contributor, string exceptionType);

    [LoggerMessage(EventId = 4002, Message = "Health of {Contributor} changed from {From} to {To}: {Reason}.")]
    public static partial void StatusChanged(
        ILogger logger,
        LogLevel level,
        string contributor,
        HealthStatus from,
        HealthStatus to,
        string reason);

    [LoggerMessage(4003, LogLevel.Error, "The evaluation of {Contributor} ended unexpectedly with {ExceptionType}; it is started again.")]
    public static partial void LoopFailed(ILogger logger, string contributor, string exceptionType);

    [LoggerMessage(4004, LogLevel.Warning, "A listener ({Listener}) failed with {ExceptionType} on a change of {Contributor}.")]
    public static partial void ListenerFailed(ILogger logger, string listener, string exceptionType, string contributor);

    [LoggerMessage(4005, LogLevel.Warning, "Webhook {Index} gave up after {Attempts} attempts on a change of {Contributor}: {Outcome}.")]
    public static partial void WebhookGaveUp(ILogger logger, int index, int attempts, string contributor, string outcome);

    [LoggerMessage(4006, LogLevel.Information, "Start-up is finished after {ElapsedMs} ms.")]
    public static partial void StartupFinished(ILogger logger, double elapsedMs);

    [LoggerMessage(4007, LogLevel.Information, "Start-up step {Step} is done.")]
    public static partial void StepDone(ILogger logger, string step);

    [LoggerMessage(4008, LogLevel.Warning, "Start-up step {Step} failed with {ExceptionType}; it will be tried again.")]
    public static partial void StepFailed(ILogger logger, string step, string exceptionType);
}
