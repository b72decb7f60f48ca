using Data.Cache.Internal;
using Microsoft.Extensions.Logging;

namespace Data.Cache.Redis;

/// <summary>Logs and counts each change of the link's state once.</summary>
internal sealed partial class LinkLog(ILogger logger, OutageMode mode, StripedCounter changes)
{
    public void Connected()
    {
        changes.Increment();
        LogConnected(logger);
    }

    public void Disconnected(Exception? cause)
    {
        changes.Increment();
        // The type alone: the client's messages contain hosts and ports.
        LogDisconnected(logger, mode, cause?.GetType().Name ?? "link check");
    }

    public void DataLost() => LogDataLost(logger);

    /// <summary>Logs the outcome of the check of a write, a read and a removal; null when all is well.</summary>
    public void Checked(string? fault)
    {
        if (fault is null)
            LogAccess(logger);
        else
            LogNoAccess(logger, fault);
    }

    public void MessagesLost() => LogMessagesLost(logger);

    public void Reconnecting() => LogReconnecting(logger);

    [LoggerMessage(2001, LogLevel.Information, "Redis answers and invalidations arrive")]
    private static partial void LogConnected(ILogger logger);

    [LoggerMessage(2002, LogLevel.Warning, "Redis has lost data; everything cached before is removed, and queued writes become removals")]
    private static partial void LogDataLost(ILogger logger);

    [LoggerMessage(2003, LogLevel.Warning, "Redis is disconnected ({Cause}); outage mode {Mode} applies")]
    private static partial void LogDisconnected(ILogger logger, OutageMode mode, string cause);

    [LoggerMessage(2004, LogLevel.Warning, "Invalidation messages were lost; the local level is cleared")]
    private static partial void LogMessagesLost(ILogger logger);

    [LoggerMessage(2005, LogLevel.Information, "The connection to Redis is discarded and recreated")]
    private static partial void LogReconnecting(ILogger logger);

    [LoggerMessage(2006, LogLevel.Information, "Redis accepts a write, a read and a removal")]
    private static partial void LogAccess(ILogger logger);

    [LoggerMessage(2007, LogLevel.Error, "Redis answers but does not serve this cache ({Fault})")]
    private static partial void LogNoAccess(ILogger logger, string fault);
}
