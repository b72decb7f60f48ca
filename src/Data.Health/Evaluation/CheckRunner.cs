using Data.Health.Internal;
using Data.Health.Starvation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Data.Health.Evaluation;

/// <summary>Runs one registered check with a time-out that holds whatever the check does.</summary>
/// <remarks>Not thread-safe: the caller makes one call at a time. See design.md.</remarks>
internal sealed class CheckRunner(
    HealthCheckRegistration registration, HungRuns hung, IServiceScopeFactory scopes, PoolLag lag, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan LeastLag = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs the check, or returns that earlier runs still hang.</summary>
    public async Task<Observation> RunAsync(TimeSpan timeout, CancellationToken stop)
    {
        if (!hung.MayStart())
        {
            // A run that was given too little of the pool may not have ended by now: it hangs only once the pool was in time for a while.
            var hangs = Observation.Of(registration.FailureStatus, HealthReasons.Hung, timeout);
            return hangs with { Conclusive = true, Discounted = IsLate(lag.WorstWithin(timeout)) };
        }

        if (hung.Count > 0)
            HealthLog.HungTriedAgain(logger, registration.Name, hung.Count);

        var start = time.GetTimestamp();
        var mark = lag.Mark();
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(stop);

        // On a thread of its own up to its first await: a dozen checks that block instead of awaiting would exhaust the thread pool, and
        // liveness would fail because of a dependency.
        var run = Task.Factory.StartNew(
            () => InvokeAsync(cancellation.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        try
        {
            var result = await run.WaitAsync(timeout, time, stop).ConfigureAwait(false);
            hung.Clear();
            return Observation.From(result, time.GetElapsedTime(start));
        }
        catch (TimeoutException) when (!run.IsFaulted)
        {
            hung.Add(run);
            return Failed(HealthReasons.TimedOut, exception: null) with { Conclusive = true, Discounted = WasLate() };
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            hung.Clear();
            return Failed(HealthReasons.Error, e) with { Discounted = e is TimeoutException or OperationCanceledException && WasLate() };
        }
        finally
        {
            _ = Abandoned.EndAsync(run, cancellation);
        }

        Observation Failed(string reason, Exception? exception) =>
            Observation.Of(registration.FailureStatus, reason, time.GetElapsedTime(start), exception);

        bool WasLate() => IsLate(lag.WorstSince(mark));

        // A check needs several turns on the pool: a tenth of its time-out lost at one of them may be all of it.
        bool IsLate(TimeSpan delay) => delay >= (timeout / 10 > LeastLag ? timeout / 10 : LeastLag);
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
