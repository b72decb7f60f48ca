using ConfigurationService.Keys;
using ConfigurationService.Settings;
using Data.Health.Evaluation;
using Data.Health.Startup;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ConfigurationService.Hosting;

/// <summary>
/// Prepares the database beside the listening server, so that probes are answered meanwhile. A database that is away is waited for;
/// settings that cannot work end the process with their message.
/// </summary>
internal sealed partial class StartUp(
    DatabasePreparation preparation,
    IStartupGate gate,
    IHealthMonitor health,
    OperatorKeys operators,
    ReadWarmUp warmUp,
    IHostApplicationLifetime lifetime,
    StartUpOutcome outcome,
    TimeProvider time,
    ILogger<StartUp> logger)
    : BackgroundService
{
    public const string Step = "database";

    // Hysteresis asks for more than one success; a database that is down again meanwhile is not waited for.
    private const int EvaluationsToRise = 5;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            var pause = TimeSpan.FromMilliseconds(250);
            while (!await TryAsync(stoppingToken))
            {
                await Task.Delay(pause, time, stoppingToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }

            await SeeHealthAsync(stoppingToken);
            await warmUp.RunAsync(stoppingToken);
            gate.Complete(Step);
        }
        catch (SettingsException e)
        {
            outcome.Fail(e);
            lifetime.StopApplication();
        }
    }

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await preparation.RunAsync(cancellationToken);
            await operators.ReadAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (e is not SettingsException && !cancellationToken.IsCancellationRequested)
        {
            NotReady(logger, e);
            return false;
        }
    }

    // The checks of the database have failed until now, for want of a role and tables; nobody shall wait a period to hear that it is well.
    private async Task SeeHealthAsync(CancellationToken cancellationToken)
    {
        foreach (var contributor in ServiceHealth.OfDatabase)
        {
            for (var i = 0; i < EvaluationsToRise; i++)
            {
                if ((await health.EvaluateAsync(contributor, cancellationToken)).Status == HealthStatus.Healthy)
                    break;
            }
        }
    }

    [LoggerMessage(5001, LogLevel.Warning, "The database is not prepared yet; trying again.")]
    private static partial void NotReady(ILogger logger, Exception exception);
}
