using Data.Health.Internal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Data.Health.Startup;

/// <summary>One start-up step with its work.</summary>
internal sealed record StartupStep(string Name, Func<IServiceProvider, CancellationToken, Task> Work);

/// <summary>
/// Runs the declared steps in order in the background and retries each with increasing pauses until it succeeds. Meanwhile the process
/// is live and not ready, which is what an orchestrator should see while a dependency is late.
/// </summary>
internal sealed class StartupStepService(
    IEnumerable<StartupStep> steps, IStartupGate gate, IServiceScopeFactory scopes, TimeProvider time, ILogger<StartupStepService> logger)
    : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        foreach (var step in steps)
        {
            for (var failures = 0; !await TryAsync(step, stoppingToken).ConfigureAwait(false); failures++)
            {
                var pause = TimeSpan.FromSeconds(0.5 * Math.Pow(2, Math.Min(failures, 10)));
                await Task.Delay(pause < LongestPause ? pause : LongestPause, time, stoppingToken).ConfigureAwait(false);
            }

            gate.Complete(step.Name);
        }
    }

    private async Task<bool> TryAsync(StartupStep step, CancellationToken stop)
    {
        try
        {
            var scope = scopes.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
                await step.Work(scope.ServiceProvider, stop).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            HealthLog.StepFailed(logger, step.Name, CauseText.Of(e, null));
            return false;
        }
    }
}
