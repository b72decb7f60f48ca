using Data.Cache.Internal;
using Microsoft.Extensions.Logging;

namespace Data.Cache.Redis;

/// <summary>Tells every change of the link once, in the log and as a count.</summary>
internal sealed partial class LinkJournal(ILogger logger, OutageMode mode, StripedCounter changes)
{
    public void Connected(bool dataLost)
    {
        changes.Increment();
        if (dataLost)
            LogConnectedEmpty(logger);
        else
            LogConnected(logger);
    }

    public void Away(Exception? cause)
    {
        changes.Increment();
        // The type alone: the client's messages name hosts and ports.
        LogAway(logger, mode, cause?.GetType().Name ?? "link check");
    }

    public void MessagesLost() => LogMessagesLost(logger);

    public void Rebuilding() => LogRebuilding(logger);

    [LoggerMessage(2001, LogLevel.Information, "Redis answers and invalidations arrive")]
    private static partial void LogConnected(ILogger logger);

    [LoggerMessage(2002, LogLevel.Warning, "Redis answers again but has lost its data; queued writes become removals")]
    private static partial void LogConnectedEmpty(ILogger logger);

    [LoggerMessage(2003, LogLevel.Warning, "Redis is away ({Cause}); outage mode {Mode} applies")]
    private static partial void LogAway(ILogger logger, OutageMode mode, string cause);

    [LoggerMessage(2004, LogLevel.Warning, "Invalidations were lost; the local level is dropped")]
    private static partial void LogMessagesLost(ILogger logger);

    [LoggerMessage(2005, LogLevel.Information, "The connection to Redis is thrown away and made anew")]
    private static partial void LogRebuilding(ILogger logger);
}
