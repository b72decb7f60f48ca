using Microsoft.Extensions.Logging;

namespace Data.Cache.Engine;

/// <summary>The log messages of the engine. Keys are never logged: they may contain personal data.</summary>
internal sealed partial class CacheLog(ILogger logger)
{
    public void Oversized(int bytes, int limit) => LogOversized(logger, bytes, limit);

    public void NotSerializable(Type type, Exception exception) => LogNotSerializable(logger, exception, type);

    public void Unreadable(Type type, Exception exception) => LogUnreadable(logger, exception, type);

    public void FactoryFailed(Exception exception, bool stale) => LogFactoryFailed(logger, exception, stale);

    public void InvalidName(int length, int limit) => LogInvalidName(logger, length, limit);

    public void Replaying(int pending) => LogReplaying(logger, pending);

    [LoggerMessage(2010, LogLevel.Warning, "A value of {Bytes} bytes is not cached; the limit is {Limit} bytes")]
    private static partial void LogOversized(ILogger logger, int bytes, int limit);

    [LoggerMessage(2011, LogLevel.Error, "A value of type {Type} could not be serialized and read back and is not cached")]
    private static partial void LogNotSerializable(ILogger logger, Exception exception, Type type);

    [LoggerMessage(2012, LogLevel.Warning, "A cached value of type {Type} could not be read and counts as a miss")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, Type type);

    [LoggerMessage(2013, LogLevel.Warning, "A factory failed; a stale value is served instead: {Stale}")]
    private static partial void LogFactoryFailed(ILogger logger, Exception exception, bool stale);

    [LoggerMessage(
        2014,
        LogLevel.Warning,
        "A key of {Length} characters is not valid (1 to {Limit} characters, no control characters) and is not cached")]
    private static partial void LogInvalidName(ILogger logger, int length, int limit);

    [LoggerMessage(2015, LogLevel.Information, "Replaying writes and removals made while Redis was disconnected; {Pending} are pending")]
    private static partial void LogReplaying(ILogger logger, int pending);
}
