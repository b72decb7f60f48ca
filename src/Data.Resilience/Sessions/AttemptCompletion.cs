using System.Runtime.ExceptionServices;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Commits;
using Data.Resilience.Idempotency;
using Data.Resilience.Internal;
using Data.Resilience.Transience;

namespace Data.Resilience.Sessions;

/// <summary>What happens after an attempt: reports to the circuit and the budget, verification, hooks, delay.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class AttemptCompletion(SessionServices services)
{
    private readonly SessionVerification _verification = new(services);

    /// <summary>Reports a success and runs the commit hooks. Not async itself: mostly there is nothing to wait for.</summary>
    public ValueTask SucceedAsync(DbSession session, CircuitPermit permit)
    {
        session.Node.Budget.OnSuccess();
        if (session.IsCommittedLocally)
            SessionLog.CommittedLocally(services.Logger, session.Node.Name, session.Mark.TransactionId);
        var report = session.Node.Gate.ReportAsync(permit, faults: 0, Elapsed(session));
        if (!report.IsCompletedSuccessfully)
            return FinishAsync(report, session);

        Notify(session, SessionResult.Completed, exception: null);
        return RunHooksAsync(session);

        async ValueTask FinishAsync(ValueTask report, DbSession session)
        {
            await report.ConfigureAwait(false);
            Notify(session, SessionResult.Completed, exception: null);
            await RunHooksAsync(session).ConfigureAwait(false);
        }
    }

    /// <summary>Settles an earlier attempt's commit by the key that was found: its hooks run if it recorded the key.</summary>
    /// <returns>Whether the result is that attempt's.</returns>
    public async ValueTask<bool> SettleAsync(IdempotencyClaim claim, UnsettledCommit? unsettled)
    {
        if (unsettled is null || unsettled.Session.Mark.TransactionId != claim.TransactionId)
            return false;

        await RunHooksAsync(unsettled.Session).ConfigureAwait(false);
        return true;
    }

    /// <summary>Returns what the caller gets when no further attempt follows.</summary>
    /// <param name="unsettled">A commit whose outcome is still unknown; null when there is none.</param>
    /// <param name="thrown">What ended the session otherwise.</param>
    public async ValueTask<ExceptionDispatchInfo> GiveUpAsync(UnsettledCommit? unsettled, ExceptionDispatchInfo thrown)
    {
        if (unsettled is null)
            return thrown;

        if (unsettled.Session.CommitHooks is { } hooks)
        {
            var commit = new DbUnknownCommit { TransactionId = unsettled.Session.Mark.TransactionId, Outcome = unsettled.Outcome };
            await hooks.RunAsync(commit, services).ConfigureAwait(false);
        }

        return unsettled.Thrown;
    }

    /// <summary>Reports a failure, verifies a commit whose answer was lost, and waits before the next attempt, if there is one.</summary>
    /// <param name="session">The session of the failed attempt.</param>
    /// <param name="permit">What the circuit let it through with.</param>
    /// <param name="failure">How it failed.</param>
    /// <param name="unsettled">A commit of an earlier attempt whose outcome this one was to settle; null when there is none.</param>
    /// <param name="started">When the first attempt began.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>What follows, and the failure that the caller gets when it is the last.</returns>
    public async ValueTask<(FailureOutcome Outcome, SessionFailure Failure)> FailAsync(
        DbSession session,
        CircuitPermit permit,
        SessionFailure failure,
        UnsettledCommit? unsettled,
        long started,
        CancellationToken cancellationToken)
    {
        // Once the key was recorded or found again, the earlier outcome is known, whatever became of this attempt.
        if (session.Claim is { IsSettled: true } claim)
        {
            if (claim.IsRepeated)
                await SettleAsync(claim, unsettled).ConfigureAwait(false);
            unsettled = null;
        }

        var node = session.Node;
        await ReportFaultAsync(session, permit, failure, cancellationToken).ConfigureAwait(false);
        if (failure.Verdict == FailureVerdict.Reroute)
            node.Reroute();
        else if (failure.Verdict == FailureVerdict.RetryHosts)
            node.ForgetHosts();

        var isUnknown = failure.Verdict == FailureVerdict.Ambiguous;
        if (isUnknown)
        {
            Notify(session, SessionResult.Ambiguous, failure.Exception);
            var outcome = await _verification.RunAsync(session, failure, started).ConfigureAwait(false);
            if (outcome == CommitOutcome.Committed)
            {
                if (session.IsCommittedLocally)
                    SessionLog.CommittedLocally(services.Logger, node.Name, session.Mark.TransactionId);
                await RunHooksAsync(session).ConfigureAwait(false);
                SessionMetrics.Record(services, session, started, "verified", failure.Exception);
                return (FailureOutcome.Committed, failure);
            }

            if (outcome != CommitOutcome.Aborted)
            {
                var thrown = SessionVerification.Ambiguous(node, session.Mark, outcome, failure.Exception);
                unsettled = new UnsettledCommit(session, outcome, thrown);
            }

            // An unknown outcome is settled by the next attempt's key. Without a key nothing may follow.
            if (unsettled is null || session.Claim is not null)
                failure = failure with { Verdict = FailureVerdict.RetryLostSession };
        }

        var delay = SessionRetryPolicy.NextDelay(services, node, session.Options, failure.Verdict, session.Attempt, started);
        if (!isUnknown)
            Notify(session, delay is null ? SessionResult.Failed : SessionResult.Retried, failure.Exception);
        if (delay is null || !await WaitAsync(session, failure, delay.Value, cancellationToken).ConfigureAwait(false))
        {
            SessionMetrics.Record(services, session, started, unsettled is null ? "failed" : "ambiguous", failure.Exception);
            return (
                FailureOutcome.Final,
                failure with { Thrown = await GiveUpAsync(unsettled, failure.Thrown).ConfigureAwait(false) });
        }

        return (FailureOutcome.Again, failure with { Unsettled = unsettled });
    }

    private async ValueTask ReportFaultAsync(
        DbSession session, CircuitPermit permit, SessionFailure failure, CancellationToken cancellationToken)
    {
        var faults = Verdicts.FaultWeight(failure.Verdict);
        if (faults > 0)
        {
            session.Node.Budget.OnFailure(faults);
            session.Node.SystemIdentifier = null;
        }

        // A failure before anything was sent, such as an exhausted pool, says nothing about the database, nor does a caller that left.
        if (faults == 0 && (failure.Phase == SessionPhase.Open || cancellationToken.IsCancellationRequested))
            session.Node.Gate.Abandon(permit);
        else
            await session.Node.Gate.ReportAsync(permit, faults, Elapsed(session)).ConfigureAwait(false);
    }

    private async ValueTask<bool> WaitAsync(DbSession session, SessionFailure failure, TimeSpan delay, CancellationToken cancellationToken)
    {
        SessionLog.Retrying(
            services.Logger,
            failure.Exception,
            session.Node.Name,
            session.Attempt,
            failure.Phase,
            failure.Verdict,
            delay.TotalMilliseconds);
        ResilienceTelemetry.Retries.Add(
            1,
            new KeyValuePair<string, object?>(ResilienceTelemetry.NodeTag, session.Node.Name),
            new KeyValuePair<string, object?>(ResilienceTelemetry.VerdictTag, failure.Verdict.ToString()));
        SessionTracing.Retrying(session, failure);
        try
        {
            await Task.Delay(delay, services.Time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            // The caller gave up while waiting: what it should hear is why the session had not succeeded by then.
            return false;
        }
    }

    private ValueTask RunHooksAsync(DbSession session)
    {
        if (session.CommitHooks is not { } hooks)
            return ValueTask.CompletedTask;

        var commit = new DbCommit
        {
            TransactionId = session.Mark.TransactionId,
            Lsn = session.CommitLsn,
            Outcome = session.IsCommittedLocally ? CommitOutcome.CommittedLocally : CommitOutcome.Committed,
        };
        return hooks.RunAsync(commit, services);
    }

    private void Notify(DbSession session, SessionResult result, Exception? exception)
    {
        if (services.Observers.Length == 0 || !session.WasEntered)
            return;

        var summary = new SessionSummary(result, Elapsed(session), exception);
        foreach (var observer in services.Observers)
            observer.Closed(session, summary);
    }

    private TimeSpan Elapsed(DbSession session) => services.Time.GetElapsedTime(session.Started);
}
