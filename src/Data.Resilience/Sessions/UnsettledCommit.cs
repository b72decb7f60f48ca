using System.Runtime.ExceptionServices;
using Data.Resilience.Commits;

namespace Data.Resilience.Sessions;

/// <summary>A commit of unknown outcome, which the next attempt settles by its idempotency key.</summary>
/// <param name="Session">The session that sent it.</param>
/// <param name="Outcome">What is known.</param>
/// <param name="Thrown">What the caller gets when no attempt settles it.</param>
internal sealed record UnsettledCommit(DbSession Session, CommitOutcome Outcome, ExceptionDispatchInfo Thrown);
