using Data.Health.Internal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Data.Health.Evaluation;

/// <summary>
/// Runs one registered check with a time-out that holds whatever the check does. A run that exceeds its time-out is remembered. Until it
/// ends, the check is not started again, so a dependency that hangs costs one run and not one per period.
/// </summary>
/// <remarks>Not thread-safe: the caller makes one call at a time. See design.md.</remarks>
internal sealed class CheckRunner(HealthCheckRegistration registration, IServiceScopeFactory scopes, TimeProvider time, ILogger logger)
{
    private Task? _hung;

    /// <summary>Runs the check, or returns that an earlier run still hangs.</summary>
    public async Task<Observation> RunAsync(TimeSpan timeout, CancellationToken stop)
    {
        if (_hung is { IsCompleted: false })
            return Observation.Of(registration.FailureStatus, HealthReasons.Hung, timeout, conclusive: true);
        _hung = null;

        var start = time.GetTimestamp();
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stop);

        // On a thread of its own up to its first await: a dozen checks that block instead of awaiting would exhaust the thread pool, and
        // liveness would fail because of a dependency.
        var run = Task.Factory.StartNew(
            () => InvokeAsync(cancellation.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        try
        {
            var result = await run.WaitAsync(timeout, time, stop).ConfigureAwait(false);
            return Observation.From(result, time.GetElapsedTime(start));
        }
        catch (TimeoutException) when (!run.IsFaulted)
        {
            _hung = run;
            HealthLog.CheckTimedOut(logger, registration.Name, timeout.TotalMilliseconds);
            return Observation.Of(registration.FailureStatus, HealthReasons.TimedOut, time.GetElapsedTime(start), conclusive: true);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            // Only the type: messages of drivers name hosts, users and files.
            HealthLog.CheckThrew(logger, registration.Name, e.GetType().Name);
            return Observation.Of(registration.FailureStatus, HealthReasons.Error, time.GetElapsedTime(start));
        }
        finally
        {
            _ = Abandoned.EndAsync(run, cancellation);
        }
    }

    private async Task<HealthCheckResult> InvokeAsync(CancellationToken cancellation)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var check = registration.Factory(scope.ServiceProvider);
            var context = new HealthCheckContext { Registration = registration };
            return await check.CheckHealthAsync(context, cancellation).ConfigureAwait(false);
        }
    }
}
