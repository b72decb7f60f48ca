using System.Globalization;
using System.Runtime.ExceptionServices;
using Data.Resilience.Commits;
using Data.Resilience.Connections;
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
        var left = (session.Options.TotalTimeout ?? services.Retry.TotalTimeout) - services.Time.GetElapsedTime(started);
        var limit = left > services.Retry.CommitVerificationTimeout ? left : services.Retry.CommitVerificationTimeout;
        var outcome = await RunAsync(services, session.Node, session.Mark, failure.Exception, limit).ConfigureAwait(false);
        if (outcome != CommitOutcome.CommittedLocally)
            return outcome;

        session.IsCommittedLocally = true;
        return CommitOutcome.Committed;
    }

    /// <summary>Looks up the outcome of a marked transaction.</summary>
    public static async ValueTask<CommitOutcome> RunAsync(
        SessionServices services, DatabaseNode node, TransactionMark mark, Exception failure, TimeSpan limit)
    {
        SessionLog.Verifying(services.Logger, failure, node.Name, mark.TransactionId);
        var wasVerifiable = node.HiddenFunction is null;
        var outcome = await services.Verifier.VerifyAsync(node, mark, limit).ConfigureAwait(false);
        if (wasVerifiable && node.HiddenFunction is { } function)
            SessionLog.Unverifiable(services.Logger, node.Name, function);
        SessionLog.Verified(services.Logger, node.Name, mark.TransactionId, outcome);
        ResilienceTelemetry.CommitVerifications.Add(
            1,
            new KeyValuePair<string, object?>(ResilienceTelemetry.NodeTag, node.Name),
            new KeyValuePair<string, object?>(ResilienceTelemetry.OutcomeTag, outcome.ToString()));
        return outcome;
    }

    /// <summary>Returns the exception that tells the caller what is known of a commit without a certain outcome.</summary>
    public static ExceptionDispatchInfo Ambiguous(DatabaseNode node, TransactionMark mark, CommitOutcome outcome, Exception inner)
    {
        // Its functions were hidden: the id is all there is.
        uint? timeline = mark.SystemIdentifier is null ? null : mark.Timeline;
        return ExceptionDispatchInfo.Capture(new AmbiguousCommitException(
            Explain(node, mark, outcome), outcome, mark.TransactionId, mark.SystemIdentifier, timeline, inner));
    }

    private static string Explain(DatabaseNode node, TransactionMark mark, CommitOutcome outcome)
    {
        if (outcome == CommitOutcome.InProgress)
            return "it was still in progress when the time for finding out was over.";

        return node.HiddenFunction is { } function
            ? $"the role may not execute {function}, without which it cannot be found out."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"no server that still knows this transaction (timeline {mark.Timeline}) answered in time.");
    }
}
