namespace ConfigurationService.Embedded;

/// <summary>Starts the private server again when it dies, by whatever: a signal, a full disk, the kernel short of memory.</summary>
internal sealed partial class EmbeddedSupervisor(EmbeddedPostgres postgres, TimeProvider time, ILogger<EmbeddedSupervisor> logger)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = Period;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested || postgres.Server.IsRunning)
                continue;
            if (await StartAgainAsync(stoppingToken))
                pause = Period;
            else
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task<bool> StartAgainAsync(CancellationToken cancellationToken)
    {
        Died(logger);
        try
        {
            await postgres.Server.StartAgainAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            NotStarted(logger, e);
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(5010, LogLevel.Error, "The private PostgreSQL is gone; it is started again.")]
    private static partial void Died(ILogger logger);

    [LoggerMessage(5011, LogLevel.Error, "The private PostgreSQL did not start; trying again.")]
    private static partial void NotStarted(ILogger logger, Exception exception);
}
