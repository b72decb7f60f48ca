using Data.Resilience.Inbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.DependencyInjection;

/// <summary>Removes old messages of the inbox at intervals while the host runs.</summary>
internal sealed partial class InboxCleanUp<TContext>(
    IInboxRetention<TContext> retention, InboxOptions options, TimeProvider time, ILogger<InboxCleanUp<TContext>> logger) :
    BackgroundService
    where TContext : DbContext
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.CleanUpInterval is not { } interval)
            return;

        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await retention.CleanUpAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // What is left is removed next time.
                LogFailed(logger, exception);
            }
        }
    }

    [LoggerMessage(1751, LogLevel.Warning, "Removing old messages from the inbox failed; the next round tries again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
