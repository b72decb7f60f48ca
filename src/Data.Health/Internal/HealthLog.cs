using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Data.Health.Internal;

internal static partial class HealthLog
{
    [LoggerMessage(4000, LogLevel.Information, "Check {Contributor} counts for nothing this time ({Reason}): the process itself was late.")]
    public static partial void Discounted(ILogger logger, string contributor, string reason);

    [LoggerMessage(4001, LogLevel.Debug, "Check {Contributor} failed ({Reason}): {Cause}")]
    public static partial void CheckFailed(ILogger logger, string contributor, string reason, string cause);

    [LoggerMessage(4002, LogLevel.Warning, "Health of {Contributor} changed from {From} to {To} ({Reason}): {Cause}")]
    public static partial void Worse(ILogger logger, string contributor, string from, HealthStatus to, string reason, string cause);

    [LoggerMessage(4009, LogLevel.Information, "Health of {Contributor} changed from {From} to {To}.")]
    public static partial void Recovered(ILogger logger, string contributor, HealthStatus from, HealthStatus to);

    [LoggerMessage(4010, LogLevel.Warning, "Check {Contributor} is tried again while {Hung} of its runs hang.")]
    public static partial void HungTriedAgain(ILogger logger, string contributor, int hung);

    [LoggerMessage(4011, LogLevel.Warning, "Work waits {LagMs} ms for a thread of the pool; checks are evaluated late.")]
    public static partial void PoolLate(ILogger logger, double lagMs);

    [LoggerMessage(4012, LogLevel.Information, "Work no longer waits for a thread of the pool.")]
    public static partial void PoolInTime(ILogger logger);

    [LoggerMessage(4013, LogLevel.Information, "Traffic is refused by the application: {Reason}.")]
    public static partial void Refusing(ILogger logger, string reason);

    [LoggerMessage(4014, LogLevel.Information, "The application no longer refuses traffic because of {Reason}.")]
    public static partial void Accepting(ILogger logger, string reason);

    [LoggerMessage(4015, LogLevel.Critical, "The application reports itself broken ({Reason}): liveness fails until it is restarted.")]
    public static partial void Broken(ILogger logger, string reason);

    [LoggerMessage(4016, LogLevel.Information, "Shutting down: readiness fails, and the server goes on for {DelaySeconds} s.")]
    public static partial void Draining(ILogger logger, double delaySeconds);

    [LoggerMessage(
        4017,
        LogLevel.Warning,
        "MapDataHealth and '{Other}' both serve {Path}; requests go to MapDataHealth. Remove one of them or change Endpoints:{Setting}.")]
    public static partial void PathServedTwice(ILogger logger, string path, string other, string setting);

    [LoggerMessage(4003, LogLevel.Error, "The evaluation of {Contributor} ended unexpectedly and is started again: {Cause}")]
    public static partial void LoopFailed(ILogger logger, string contributor, string cause);

    [LoggerMessage(4004, LogLevel.Warning, "A listener ({Listener}) failed on a change of {Contributor}: {Cause}")]
    public static partial void ListenerFailed(ILogger logger, string listener, string contributor, string cause);

    [LoggerMessage(4005, LogLevel.Warning, "Webhook {Index} gave up after {Attempts} attempts on a change of {Contributor}: {Outcome}.")]
    public static partial void WebhookGaveUp(ILogger logger, int index, int attempts, string contributor, string outcome);

    [LoggerMessage(4006, LogLevel.Information, "Start-up is finished after {ElapsedMs} ms.")]
    public static partial void StartupFinished(ILogger logger, double elapsedMs);

    [LoggerMessage(4007, LogLevel.Information, "Start-up step {Step} is done.")]
    public static partial void StepDone(ILogger logger, string step);

    [LoggerMessage(4008, LogLevel.Warning, "Start-up step {Step} failed and will be tried again: {Cause}")]
    public static partial void StepFailed(ILogger logger, string step, string cause);
}
