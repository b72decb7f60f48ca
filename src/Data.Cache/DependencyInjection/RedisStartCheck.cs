using Microsoft.Extensions.Hosting;

namespace Data.Cache.DependencyInjection;

/// <summary>Connects when the application starts; in strict mode the start fails where Redis does not serve the cache.</summary>
internal sealed class RedisStartCheck(IServiceProvider services, object? key) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (services.GetDataCache(key) is not FallbackCache cache || cache.GetStatistics().OutageMode != OutageMode.Strict)
            return;
        await cache.FirstAttempt.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (cache.GetStatistics() is { LinkFault: { } fault })
        {
            throw new CacheUnavailableException(
                $"Redis does not serve the cache ({fault}). The outage mode is Strict; Local and NoOp start without Redis.");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
