using System.Data;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Data.Resilience.Commits;
using Data.Resilience.Connections;
using Data.Resilience.Idempotency;
using Data.Resilience.Savepoints;
using Data.Resilience.Transience;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Sessions;

/// <summary>One attempt, without its context: what observers, interceptors and settings see.</summary>
internal abstract class DbSession : IDbSession
{
    private static readonly AsyncLocal<DbSession?> Ambient = new();
    private JoinedCalls _joinedCalls;
    private Dictionary<object, object?>? _items;
    private SessionTransaction? _transaction;

    private protected DbSession(DbSessionKind kind, DbSessionOptions options, int attempt, DatabaseNode node)
    {
        Kind = kind;
        Options = options;
        Attempt = attempt;
        Node = node;
    }

    /// <summary>
    /// Session in which the calling code runs; null outside of sessions. It may be completed already when a delegate left work running.
    /// </summary>
    public static DbSession? Current => Ambient.Value;

    public DbSessionKind Kind { get; }

    public DbSessionOptions Options { get; }

    public int Attempt { get; }

    public DatabaseNode Node { get; }

    /// <summary>Whether the delegate has returned or was abandoned; a completed session is no longer joined.</summary>
    public bool IsCompleted => _joinedCalls.IsClosed;

    internal bool HasJoinedCalls => _joinedCalls.AreRunning;

    /// <summary>Connection, for use within the package, also after the delegate.</summary>
    internal NpgsqlConnection Connection { get; private set; } = null!;

    NpgsqlConnection IDbSession.Connection
    {
        get
        {
            EnsureUsable();
            WasConnectionSeen = true;
            return Connection;
        }
    }

    /// <summary>Whether the delegate was handed the connection, whose commands it may keep.</summary>
    internal bool WasConnectionSeen { get; private set; }

    internal NpgsqlTransaction? Transaction => _transaction?.Driver;

    NpgsqlTransaction? IDbSession.Transaction
    {
        get
        {
            EnsureUsable();
            WasConnectionSeen = true;
            return Transaction;
        }
    }

    public IDictionary<object, object?> Items => _items ??= [];

    /// <summary>First failure of a joined call that no savepoint undid: committing the rest would apply half of the work.</summary>
    internal Exception? JoinedFailure { get; private protected set; }

    /// <summary>Failure inside a savepoint that ended the whole transaction, whatever the delegate made of it.</summary>
    internal ExceptionDispatchInfo? TransactionLoss => _transaction?.Loss;

    /// <summary>What the session is doing, which decides what a failure means.</summary>
    internal SessionPhase Phase { get; set; }

    /// <summary>Time stamp of the attempt's beginning.</summary>
    internal long Started { get; init; }

    /// <summary>Span of the whole session, over all its attempts; null while nobody listens.</summary>
    internal Activity? Span { get; init; }

    /// <summary>Position of the commit in the log, when requested.</summary>
    internal NpgsqlLogSequenceNumber? CommitLsn
    {
        get => _transaction?.CommitLsn;
        set => Writable.CommitLsn = value;
    }

    /// <summary>Whether the transaction is committed without the synchronous standby.</summary>
    internal bool IsCommittedLocally
    {
        get => _transaction?.IsCommittedLocally == true;
        set => Writable.IsCommittedLocally = value;
    }

    /// <summary>Settings with which the session's transaction runs.</summary>
    internal SessionSettingCollection Settings { get; set; } = SessionSettingCollection.Empty;

    /// <summary>Whether a connection was obtained.</summary>
    internal bool IsOpen => Connection is not null;

    /// <summary>Whether the delegate was reached.</summary>
    internal bool WasEntered { get; private set; }

    /// <summary>Whether the driver reported a command or a COPY of this session.</summary>
    internal bool WasObserved { get; set; }

    /// <summary>Whether a command of EF that has passed its guard is being handed to the driver.</summary>
    internal bool IsInCommandOfEf { get; set; }

    /// <summary>Whether a command on the bare connection was refused inside the driver.</summary>
    internal bool WasRefused { get; set; }

    /// <summary>What query diagnostics know of this session; null before its first command and without diagnostics.</summary>
    internal object? Observation { get; set; }

    /// <summary>Session of another context in whose delegate this one was opened.</summary>
    internal DbSession? Outer { get; private set; }

    /// <summary>Token of the attempt, which ends joined calls too.</summary>
    internal CancellationToken AttemptToken { get; set; }

    /// <summary>
    /// Seconds that a command may take when the session's limit is longer than the configured one; 0 for the connection's own limit.
    /// </summary>
    internal int CommandTimeout { get; set; }

    /// <summary>
    /// Limit of each statement when the session's is longer than the configured one, which the server has from the log-in.
    /// </summary>
    internal TimeSpan? ServerLimit => SendsLimit ? Options.AttemptTimeout : null;

    /// <summary>Whether the session's own limit goes to the server too.</summary>
    internal bool SendsLimit { get; set; }

    /// <summary>What the caller is told when a step of the attempt did not end in time and was left to itself.</summary>
    internal SessionFailure? Abandoned { get; set; }

    /// <summary>Whether a command, reader or COPY is in use on the connection.</summary>
    internal bool IsBusy =>
        (Connection.FullState & (ConnectionState.Executing | ConnectionState.Fetching)) != ConnectionState.Closed;

    public void OnCommitted(Func<DbCommit, ValueTask> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        EnsureRunning();
        (Writable.CommitHooks ??= new()).Add(hook);
    }

    public void OnUnknown(Func<DbUnknownCommit, ValueTask> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        EnsureRunning();
        (Writable.CommitHooks ??= new()).Add(hook);
    }

    public abstract Task<TResult> SavepointAsync<TResult>(
        Func<CancellationToken, Task<TResult>> work,
        CancellationToken cancellationToken = default);

    /// <summary>Identity of the transaction; default until the prologue of a write session has returned.</summary>
    internal TransactionMark Mark
    {
        get => _transaction is { } transaction ? transaction.Mark : default;
        set => Writable.Mark = value;
    }

    internal CommitHooks? CommitHooks => _transaction?.CommitHooks;

    /// <summary>Use of the idempotency key; null without one.</summary>
    internal IdempotencyClaim? Claim
    {
        get => _transaction?.Claim;
        set => Writable.Claim = value;
    }

    /// <summary>What is sent with COMMIT; null when nothing is.</summary>
    internal IReadOnlyList<ICommitStep>? CommitSteps => _transaction?.CommitSteps;

    /// <summary>Whether it is not known which of the items collected for the commit are left.</summary>
    internal bool HasLostSavepoints => _transaction?.Savepoints?.IsLost == true;

    /// <summary>Savepoints that the driver reported.</summary>
    internal SavepointTrail Savepoints => Writable.Savepoints ??= new();

    private SessionTransaction Writable => _transaction ??= new();

    internal void AddCommitStep(ICommitStep step) => (Writable.CommitSteps ??= []).Add(step);

    /// <summary>Whether a part of the context, such as its outbox, collects statements for the commit.</summary>
    internal abstract bool CollectsForCommit { get; }

    /// <summary>Returns a part that was registered with the session's context, such as its outbox; null when there is none.</summary>
    internal abstract TPart? FindPart<TPart>()
        where TPart : class;

    internal void Attach(NpgsqlConnection connection) => Connection = connection;

    internal void Attach(NpgsqlTransaction transaction) => Writable.Driver = transaction;

    /// <summary>Returns the context, if one was rented.</summary>
    internal abstract void ReturnContext();

    /// <summary>Makes this the current session of the calling flow; the flow's end restores the earlier one.</summary>
    internal void Enter()
    {
        WasEntered = true;
        Outer = Ambient.Value;
        Ambient.Value = this;
    }

    /// <summary>Ends the delegate's part: from now on nothing joins, and the properties that lead to the database are refused.</summary>
    /// <returns>False while joined calls are still running.</returns>
    internal bool Complete() => _joinedCalls.Close();

    /// <summary>Begins a joined call, which ends with <see cref="Leave"/>.</summary>
    /// <returns>False when the session is completed.</returns>
    internal bool TryJoin() => _joinedCalls.TryBegin();

    internal void Leave() => _joinedCalls.End();

    /// <summary>Waits until the last joined call of a completed session has ended.</summary>
    internal Task JoinedCallsEndedAsync() => _joinedCalls.EndedAsync();

    /// <summary>Refuses what the open session cannot give.</summary>
    internal void EnsureCanJoin(DbSessionKind kind, DbSessionOptions options, SessionSettingCollection settings)
    {
        if (kind == DbSessionKind.Write && Kind == DbSessionKind.Read)
            throw new InvalidOperationException("A write session was requested inside a read session. Open the outer session for writing.");

        var has = Options.IsolationLevel ?? IsolationLevel.ReadCommitted;
        if (options.IsolationLevel is { } wanted && wanted > has)
        {
            throw new InvalidOperationException(
                $"Isolation level {wanted} was requested inside a session of level {has}. Open the outer session with {wanted}.");
        }

        // The outer session's key covers the joined work too; another one could not be stored with a result of its own.
        if (options.IdempotencyKey is not null && (options.IdempotencyKey != Options.IdempotencyKey
            || options.IdempotencyFingerprint != Options.IdempotencyFingerprint))
        {
            throw new InvalidOperationException("A session with another idempotency key or fingerprint was requested inside an open "
                + "session, which it would join. Give the key to the outer session.");
        }

        // A setting holds for the whole transaction: the joined work would run as the outer session's tenant.
        if (Settings.FindDifference(settings) is { } name)
        {
            throw new InvalidOperationException($"A session with another value of {name} was requested inside an open session, which it "
                + "would join. Open it before or after the outer session, or under the same TenantScope.");
        }
    }

    /// <summary>Refuses what would reach the database behind the session's end, or beside a transaction of another kind.</summary>
    private protected void EnsureUsable()
    {
        EnsureRunning();
        TransactionScopes.Refuse();
    }

    private void EnsureRunning()
    {
        if (IsCompleted)
        {
            throw new ObjectDisposedException(
                nameof(IDbSession),
                "The session is over: its delegate has returned, or was abandoned after its time limit. Use a session only inside its "
                + "delegate, and await everything that uses it.");
        }
    }

    private protected string NextSavepointName() =>
        string.Create(CultureInfo.InvariantCulture, $"data_savepoint_{++Writable.SavepointCount}");

    /// <summary>Returns how much each commit step has collected, for <see cref="TruncateCommitSteps"/>.</summary>
    private protected int[] CountCommitSteps() => CommitSteps is { } steps ? [.. steps.Select(static step => step.Count)] : [];

    private protected void TruncateCommitSteps(int[] counts)
    {
        for (var index = 0; index < CommitSteps?.Count; index++)
            CommitSteps[index].Truncate(index < counts.Length ? counts[index] : 0);
    }

    private protected void OnTransactionLost(Exception exception) => Writable.Loss ??= ExceptionDispatchInfo.Capture(exception);

    /// <summary>Notes that a joined call failed.</summary>
    internal void OnJoinedFailure(Exception exception) => JoinedFailure ??= exception;
}
