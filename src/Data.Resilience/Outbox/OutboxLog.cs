using Microsoft.Extensions.Logging;

namespace Data.Resilience.Outbox;

internal static partial class OutboxLog
{
    [LoggerMessage(
        1701,
        LogLevel.Warning,
        "{Failed} of {Count} messages of lane {Lane} could not be published; the first was {MessageId} to {Topic}, attempt {Attempt}")]
    public static partial void PublishFailed(
        ILogger logger, Exception exception, int failed, int count, short lane, Guid messageId, string topic, int attempt);

    [LoggerMessage(1702, LogLevel.Error, "Message {MessageId} to {Topic} is a dead letter after {Attempts} attempts")]
    public static partial void Buried(ILogger logger, Exception exception, Guid messageId, string topic, int attempts);

    [LoggerMessage(1703, LogLevel.Warning, "Serving lane {Lane} of the outbox on {Node} failed; its messages are handed over again")]
    public static partial void LaneFailed(ILogger logger, Exception exception, short lane, string node);

    [LoggerMessage(1704, LogLevel.Warning, "The outbox on {Node} cannot be searched; trying again until it can")]
    public static partial void SearchFailed(ILogger logger, Exception exception, string node);

    [LoggerMessage(1705, LogLevel.Information, "The outbox on {Node} can be searched again")]
    public static partial void SearchRecovered(ILogger logger, string node);

    [LoggerMessage(
        1706,
        LogLevel.Warning,
        "Notifications do not arrive from {Node}; messages of other processes wait for the next poll. A pooler of transactions stands "
        + "before the database: give OutboxOptions.ListenConnectionString a direct connection, or set WakeUp to Polling")]
    public static partial void ListenerSilent(ILogger logger, string node);

    [LoggerMessage(1707, LogLevel.Information, "Notifications arrive from {Node} again")]
    public static partial void ListenerHeard(ILogger logger, string node);

    [LoggerMessage(1708, LogLevel.Debug, "The connection that listens to {Node} failed; opening another")]
    public static partial void ListenerFailed(ILogger logger, Exception exception, string node);

    [LoggerMessage(1709, LogLevel.Debug, "A notification could not be sent to {Node}; the message waits for the next poll")]
    public static partial void NotifyFailed(ILogger logger, Exception exception, string node);
}
