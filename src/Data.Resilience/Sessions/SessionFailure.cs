using System.Runtime.ExceptionServices;
using Data.Resilience.Transience;

namespace Data.Resilience.Sessions;

/// <summary>How an attempt failed.</summary>
internal sealed record SessionFailure(ExceptionDispatchInfo Thrown, SessionPhase Phase, FailureVerdict Verdict)
{
    public Exception Exception => Thrown.SourceException;
}
