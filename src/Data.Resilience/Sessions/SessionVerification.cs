using System.Globalization;
using System.Runtime.ExceptionServices;
using Data.Resilience.Commits;
using Data.Resilience.Internal;

namespace Data.Resilience.Sessions;

/// <summary>Finds out the outcome of a session's commit within the time that the session has left, and reports it.</summary>
internal sealed class SessionVerification(SessionServices services)
{
    /// <summary>Looks up the outcome.</summary>
    /// <param name="session">The session whose COMMIT was not answered.</param>
    /// <param name="failure">What happened instead.</param>
    /// <param name="started">When the session began, over all attempts.</param>
    public async ValueTask<CommitOutcome> RunAsync(DbSession session, SessionFailure failure, long started)
    {
        var mark = session.Mark;
        SessionLog.Verifying(services.Logger, failure.Exception, session.Node.Name, mark.TransactionId);
        var left = (session.Options.TotalTimeout ?? services.Retry.TotalTimeout) - services.Time.GetElapsedTime(started);
        var limit = left > services.Retry.CommitVerificationTimeout ? left : services.Retry.CommitVerificationTimeout;
        var wasVerifiable = session.Node.HiddenFunction is null;
        var outcome = await services.Verifier.VerifyAsync(session.Node, mark, limit).ConfigureAwait(false);
        if (wasVerifiable && session.Node.HiddenFunction is { } function)
            SessionLog.Unverifiable(services.Logger, session.Node.Name, function);
        SessionLog.Verified(services.Logger, session.Node.Name, mark.TransactionId, outcome);
        ResilienceTelemetry.CommitVerifications.Add(
            1,
            new KeyValuePair<string, object?>(ResilienceTelemetry.NodeTag, session.Node.Name),
            new KeyValuePair<string, object?>(ResilienceTelemetry.OutcomeTag, outcome.ToString()));
        if (outcome != CommitOutcome.CommittedLocally)
            return outcome;

        session.IsCommittedLocally = true;
        return CommitOutcome.Committed;
    }

    /// <summary>Returns the exception that tells the caller what is known of a commit without a certain outcome.</summary>
    public static ExceptionDispatchInfo Ambiguous(DbSession session, CommitOutcome outcome, Exception inner)
    {
        var mark = session.Mark;
        // Its functions were hidden: the id is all there is.
        uint? timeline = mark.SystemIdentifier is null ? null : mark.Timeline;
        return ExceptionDispatchInfo.Capture(new AmbiguousCommitException(
            Explain(session, outcome), outcome, mark.TransactionId, mark.SystemIdentifier, timeline, inner));
    }

    private static string Explain(DbSession session, CommitOutcome outcome)
    {
        if (outcome == CommitOutcome.InProgress)
            return "it was still in progress when the time for finding out was over.";

        return session.Node.HiddenFunction is { } function
            ? $"the role may not execute {function}, without which it cannot be found out."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"no server that still knows this transaction (timeline {session.Mark.Timeline}) answered in time.");
    }
}
