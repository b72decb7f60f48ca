using System.Runtime.ExceptionServices;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Internal;
using Data.Resilience.Sessions;
using Data.Resilience.Transience;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>Asks the gate before an attempt and tells gate, budget, log and metrics what came of it.</summary>
internal static class StrategyReports
{
    /// <summary>Lets an attempt begin, once it may, or throws.</summary>
    /// <param name="services">Services of the strategy.</param>
    /// <param name="previous">Failure of the attempt before; null at the first.</param>
    /// <param name="started">When the first attempt began.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static ValueTask<CircuitPermit> EnterAsync(
        StrategyServices services, ExceptionDispatchInfo? previous, long started, CancellationToken cancellationToken)
    {
        var gate = services.Node.Gate;
        var permit = gate.TryEnter(isPatientRetry: previous is not null && !gate.FailsFast, out var retryAfter);
        if (permit != CircuitPermit.Rejected)
            return ValueTask.FromResult(permit);

        return gate.FailsFast || retryAfter == Timeout.InfiniteTimeSpan
            ? ValueTask.FromResult(Reject(services, previous, retryAfter, cancellationToken))
            : WaitAsync(services, previous, started, cancellationToken);
    }

    private static async ValueTask<CircuitPermit> WaitAsync(
        StrategyServices services, ExceptionDispatchInfo? previous, long started, CancellationToken cancellationToken)
    {
        var left = services.Session.Retry.TotalTimeout - services.Session.Time.GetElapsedTime(started);
        var permit = await services.Node.Gate.WaitAsync(left, cancellationToken).ConfigureAwait(false);
        return permit != CircuitPermit.Rejected
            ? permit
            : Reject(services, previous, services.Node.Circuit.RetryAfter, cancellationToken);
    }

    private static CircuitPermit Reject(
        StrategyServices services, ExceptionDispatchInfo? previous, TimeSpan retryAfter, CancellationToken cancellationToken)
    {
        if (previous is null)
            cancellationToken.ThrowIfCancellationRequested();

        if (ResilienceTelemetry.Rejections.Enabled)
        {
            ResilienceTelemetry.Rejections.Add(
                1, new KeyValuePair<string, object?>(ResilienceTelemetry.NodeTag, services.Node.Name));
        }

        // A circuit that opened between two attempts does not hide what went wrong in the first.
        previous?.Throw();
        throw new DbSessionRejectedException(services.Node.Name, retryAfter);
    }

    public static ValueTask SucceedAsync(StrategyServices services, CircuitPermit permit, StrategyAttempt attempt, long started)
    {
        if (attempt.Faults > 0)
            services.Node.Budget.OnFailure(attempt.Faults);
        else
            services.Node.Budget.OnSuccess();

        return services.Node.Gate.ReportAsync(permit, attempt.Faults, services.Session.Time.GetElapsedTime(started));
    }

    public static ValueTask FailAsync(
        StrategyServices services, CircuitPermit permit, StrategyAttempt attempt, FailureVerdict verdict, int faults, long started)
    {
        var node = services.Node;
        if (verdict == FailureVerdict.Reroute)
            node.Reroute();
        else if (verdict == FailureVerdict.RetryHosts)
            node.ForgetHosts();
        if (faults > 0)
        {
            node.Budget.OnFailure(faults);
            node.SystemIdentifier = null;
        }

        // A failure before anything was sent, such as an exhausted pool, says nothing about the database.
        if (faults == 0 && !attempt.WasSent)
        {
            node.Gate.Abandon(permit);
            return ValueTask.CompletedTask;
        }

        return node.Gate.ReportAsync(permit, faults, services.Session.Time.GetElapsedTime(started));
    }

    /// <summary>Tells of a retry, and forgets the pool of a context without a data source when the primary is elsewhere.</summary>
    public static void Retry(
        StrategyServices services, StrategyAttempt attempt, Exception exception, FailureVerdict verdict, int number, TimeSpan delay)
    {
        var phase = attempt.WasSent ? SessionPhase.Execute : SessionPhase.Open;
        SessionLog.Retrying(services.Session.Logger, exception, services.Node.Name, number, phase, verdict, delay.TotalMilliseconds);
        ResilienceTelemetry.Retries.Add(
            1,
            new KeyValuePair<string, object?>(ResilienceTelemetry.NodeTag, services.Node.Name),
            new KeyValuePair<string, object?>(ResilienceTelemetry.VerdictTag, verdict.ToString()));
        if (verdict == FailureVerdict.Reroute && attempt.Context.Database.GetDbConnection() is NpgsqlConnection connection)
            NpgsqlConnection.ClearPool(connection);
    }
}
