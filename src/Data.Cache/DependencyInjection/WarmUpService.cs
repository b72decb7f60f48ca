using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Data.Cache.DependencyInjection;

/// <summary>Runs the warm-up of a cache when the application starts.</summary>
internal sealed partial class WarmUpService(
    IServiceProvider services,
    object? key,
    Func<IServiceProvider, DataCache, CancellationToken, Task> warmUp) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Data.Cache");
        try
        {
            var cache = services.GetDataCache(key);
            await warmUp(services, cache, stoppingToken).ConfigureAwait(false);
            LogWarm(logger);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogCold(logger, exception);
        }
    }

    [LoggerMessage(2020, LogLevel.Information, "The warm-up of the cache has ended")]
    private static partial void LogWarm(ILogger logger);

    [LoggerMessage(2021, LogLevel.Warning, "The warm-up of the cache failed; the cache fills as it is used")]
    private static partial void LogCold(ILogger logger, Exception exception);
}
