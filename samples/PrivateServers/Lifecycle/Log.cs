using Microsoft.Extensions.Logging;

namespace PrivateServers.Lifecycle;

internal static partial class Log
{
    [LoggerMessage(5900, LogLevel.Information, "{Server} serves on 127.0.0.1:{Port} after {Milliseconds} ms")]
    internal static partial void Started(ILogger logger, string server, int port, long milliseconds);

    [LoggerMessage(5901, LogLevel.Information, "{Server} stopped")]
    internal static partial void Stopped(ILogger logger, string server);

    [LoggerMessage(5902, LogLevel.Information, "{Server} gets a new data folder")]
    internal static partial void Creating(ILogger logger, string server);

    [LoggerMessage(5903, LogLevel.Warning, "{Server} left a stale {File} behind; it is removed")]
    internal static partial void Stale(ILogger logger, string server, string file);
}
