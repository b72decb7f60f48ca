using Data.Resilience.Savepoints;
using Data.Resilience.Sessions;
using Data.Resilience.Transience;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Data.Resilience.ExecutionStrategies;

/// <summary>What is known of one attempt of an operation: noted by the interceptors, judged by the strategy.</summary>
/// <remarks>Used by one flow of calls at a time, as the context is.</remarks>
internal sealed class StrategyAttempt(DbContext context)
{
    private Exception? _failure;
    private FailureVerdict _verdict;
    private bool _isForeign;

    /// <summary>Context whose strategy runs the attempt; the operation may use others as well.</summary>
    public DbContext Context { get; } = context;

    /// <summary>Whether a command was handed to the driver: a connection had been opened by then.</summary>
    public bool WasSent { get; private set; }

    /// <summary>Whether something is committed that a repetition would do again.</summary>
    public bool IsCommitted { get; private set; }

    /// <summary>Whether a write that commits by itself was sent and nothing proves yet that it is done.</summary>
    public bool IsUnanswered { get; private set; }

    /// <summary>How often the database failed although the attempt went on, as when a lost commit was found to be committed.</summary>
    public int Faults { get; set; }

    /// <summary>Transaction that was begun for a single statement.</summary>
    public NpgsqlTransaction? Own { get; set; }

    /// <summary>What the context's change tracker knew when the operation began its transaction.</summary>
    public ChangeTrackerSnapshot? Snapshot { get; set; }

    /// <summary>Finds the attempt that a context's command belongs to; null outside of the strategy and inside a session.</summary>
    public static StrategyAttempt? Of(DbContext? context) =>
        ExecutionStrategy.Current is ResilientExecutionStrategy { Attempt: { } attempt } && context is not null && !IsInSession(context)
            ? attempt
            : null;

    /// <summary>Whether a session lends the context its connection: sessions do everything that a strategy would.</summary>
    public static bool IsInSession(DbContext context)
    {
        if (DbSession.Current is null)
            return false;

        if (ContextOwner.Of(context) is { ServesSessions: true } owner)
            return owner.Session is { IsCompleted: false };

        // EF asks while it makes the services of the context's facade, which cannot be asked for the connection then.
        var connection = context.GetService<IRelationalConnection>();
        for (var session = DbSession.Current; session is not null; session = session.Outer)
        {
            if (!session.IsCompleted && session.IsOpen && ReferenceEquals(session.Connection, connection.DbConnection))
                return true;
        }

        return false;
    }

    /// <summary>Notes that a command is about to be sent.</summary>
    /// <param name="commits">Whether it writes and commits by itself.</param>
    public void Sending(bool commits)
    {
        // The driver is asked for the next command only after the one before was answered completely.
        Settle();
        WasSent = true;
        IsUnanswered = commits;
    }

    /// <summary>Notes that the write before is answered, and so committed.</summary>
    public void Settle()
    {
        IsCommitted |= IsUnanswered;
        IsUnanswered = false;
    }

    /// <summary>Notes a commit that is known to have happened.</summary>
    public void Committed() => IsCommitted = true;

    /// <summary>Notes and judges a failure of the driver.</summary>
    public void Failed(DbContext failed, Exception exception, bool isBroken)
    {
        if (!ReferenceEquals(_failure, exception))
            Failed(failed, exception, Judge(exception, isBroken));
    }

    /// <summary>Notes a failure that is judged already.</summary>
    public void Failed(DbContext failed, Exception exception, FailureVerdict verdict)
    {
        _failure = exception;
        _verdict = verdict;
        _isForeign = failed.GetType() != Context.GetType();
    }

    /// <summary>Judges what the operation threw.</summary>
    /// <param name="thrown">The exception.</param>
    /// <param name="isBroken">Whether the context's connection is broken now.</param>
    /// <returns>What to do, and how often it counts against the database.</returns>
    public (FailureVerdict Verdict, int Faults) JudgeThrown(Exception thrown, bool isBroken)
    {
        var verdict = FailureVerdict.Never;
        var isForeign = false;
        if (IsNoted(thrown))
            (verdict, isForeign) = (_verdict, _isForeign);
        else if (IsOfDriver(thrown, isBroken))
            verdict = Judge(thrown, isBroken);

        var faults = isForeign ? 0 : Verdicts.FaultWeight(verdict);
        return (IsCommitted && verdict != FailureVerdict.Ambiguous ? FailureVerdict.Never : verdict, Faults + faults);
    }

    private FailureVerdict Judge(Exception exception, bool isBroken)
    {
        if (!IsUnanswered)
            return FailureClassifier.Judge(exception, WasSent ? SessionPhase.Execute : SessionPhase.Open, isBroken);

        // A cancelled statement whose connection still works was not run, or was undone by the server.
        var verdict = exception is OperationCanceledException && !isBroken
            ? FailureVerdict.Never
            : FailureClassifier.Judge(exception, SessionPhase.Commit, isBroken);
        IsUnanswered = verdict == FailureVerdict.Ambiguous;
        return verdict;
    }

    private bool IsNoted(Exception thrown)
    {
        for (var current = thrown; current is not null; current = current.InnerException)
        {
            if (ReferenceEquals(current, _failure))
                return true;
        }

        return false;
    }

    /// <summary>
    /// What the operation itself throws, such as failures of HTTP calls, is no failure of the database; and what this package has judged,
    /// such as an ambiguous commit, stays so whatever lies within.
    /// </summary>
    private bool IsOfDriver(Exception thrown, bool isBroken)
    {
        for (var current = thrown; current is not null; current = current.InnerException)
        {
            if (current is DataResilienceException)
                return false;
        }

        return (IsUnanswered && thrown is OperationCanceledException) || FailureClassifier.DriverFailureOf(thrown, isBroken) is not null;
    }
}
