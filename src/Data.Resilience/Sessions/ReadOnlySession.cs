using System.Runtime.ExceptionServices;
using Data.Resilience.Transience;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.Sessions;

/// <summary>Refuses writes in read sessions: an attempt that reads is repeated at any point, which would double them.</summary>
internal static class ReadOnlySession
{
    /// <summary>Returns the error for a write that was stopped before it was sent.</summary>
    /// <param name="what">What was stopped, as the beginning of a sentence.</param>
    /// <param name="inner">What stopped it; null when this package did.</param>
    public static InvalidOperationException Refusal(string what, Exception? inner = null) =>
        new(
            what + " in a read session, which may be repeated at any point. Use WriteAsync, or WriteRawAsync for a bare connection.",
            inner);

    /// <summary>Refuses to save changes.</summary>
    public static void EnsureNoChanges(DbContext context)
    {
        if (context.ChangeTracker.HasChanges())
            throw Refusal("SaveChanges was called with changes");
    }

    /// <summary>Corrects the verdict on a failed read: what may have written is not repeated.</summary>
    /// <param name="session">The session of the attempt.</param>
    /// <param name="failure">How it failed, judged as if it had only read.</param>
    /// <param name="logger">Told when a retry is left out.</param>
    public static SessionFailure Restrict(DbSession session, SessionFailure failure, ILogger logger)
    {
        if (session.Kind != DbSessionKind.Read || failure.Phase != SessionPhase.Execute)
            return failure;

        // Also on a standby that was promoted by now: no read is refused as read-only.
        if (failure.Verdict == FailureVerdict.Reroute)
        {
            var refusal = Refusal("PostgreSQL refused a write", failure.Exception);
            return failure with { Thrown = ExceptionDispatchInfo.Capture(refusal), Verdict = FailureVerdict.Never };
        }

        if (failure.Verdict is FailureVerdict.Never or FailureVerdict.NeverTimedOut || !MayHaveWritten(session))
            return failure;

        SessionLog.NotRepeated(logger, session.Node.Name);
        // The failure still counts against the circuit as it would have.
        return failure with
        {
            Verdict = Verdicts.FaultWeight(failure.Verdict) > 0 ? FailureVerdict.NeverTimedOut : FailureVerdict.Never,
        };
    }

    /// <summary>Whether the delegate was handed the connection and used it unobserved, so that nothing shows that it only read.</summary>
    /// <remarks>
    /// The driver tells of its commands through the data source's logger factory. Where the application set one of its own, or supplied the
    /// data source, nothing is heard. In a transaction PostgreSQL has seen to it.
    /// </remarks>
    private static bool MayHaveWritten(DbSession session) =>
        session is { Transaction: null, WasConnectionSeen: true, WasObserved: false };
}
