using Data.Resilience.Idempotency;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.DependencyInjection;

/// <summary>Removes old idempotency keys at intervals.</summary>
internal sealed partial class ExpiredKeyRemovalService<TContext>(
    IIdempotencyKeys<TContext> keys,
    IdempotencyOptions options,
    TimeProvider time,
    ILogger<ExpiredKeyRemovalService<TContext>> logger) : BackgroundService
    where TContext : DbContext
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.RemovalInterval is not { } interval)
            return;

        using var timer = new PeriodicTimer(interval, time);
        do
            await RemoveAsync(stoppingToken).ConfigureAwait(false);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task RemoveAsync(CancellationToken stoppingToken)
    {
        try
        {
            var removed = await keys.RemoveExpiredAsync(stoppingToken).ConfigureAwait(false);
            if (removed > 0)
                LogRemoved(logger, removed);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // The next round removes them; sessions do not depend on it.
            LogFailed(logger, exception);
        }
    }

    [LoggerMessage(1801, LogLevel.Debug, "Removed {Count} expired idempotency keys")]
    private static partial void LogRemoved(ILogger logger, long count);

    [LoggerMessage(1802, LogLevel.Warning, "Expired idempotency keys could not be removed; the next round tries again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
