using Microsoft.Extensions.Logging;

namespace Data.Cache.Engine;

/// <summary>The log messages of the cache itself. Keys are not logged: they may hold personal data.</summary>
internal sealed partial class CacheLog(ILogger logger)
{
    public void Oversized(int bytes, int limit) => LogOversized(logger, bytes, limit);

    public void Unserialisable(Type type, Exception exception) => LogUnserialisable(logger, exception, type);

    public void Unreadable(Type type, Exception exception) => LogUnreadable(logger, exception, type);

    public void FactoryFailed(Exception exception, bool stale) => LogFactoryFailed(logger, exception, stale);

    public void BadName(int length) => LogBadName(logger, length);

    public void Replayed(int left) => LogReplayed(logger, left);

    [LoggerMessage(2010, LogLevel.Warning, "A value of {Bytes} bytes is not cached; the limit is {Limit}")]
    private static partial void LogOversized(ILogger logger, int bytes, int limit);

    [LoggerMessage(2011, LogLevel.Error, "A {Type} could not be serialised and is not cached")]
    private static partial void LogUnserialisable(ILogger logger, Exception exception, Type type);

    [LoggerMessage(2012, LogLevel.Warning, "A cached {Type} could not be read and counts as a miss")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, Type type);

    [LoggerMessage(2013, LogLevel.Warning, "A factory failed; a stale value is served instead: {Stale}")]
    private static partial void LogFactoryFailed(ILogger logger, Exception exception, bool stale);

    [LoggerMessage(
        2014,
        LogLevel.Warning,
        "A key or tag of {Length} characters is not legal (1 to 1,024 characters, no control characters) and is not cached")]
    private static partial void LogBadName(ILogger logger, int length);

    [LoggerMessage(2015, LogLevel.Information, "Writes and removals made while Redis was away are replayed; {Left} are left")]
    private static partial void LogReplayed(ILogger logger, int left);
}
