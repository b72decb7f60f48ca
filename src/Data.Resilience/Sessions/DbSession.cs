using Data.Resilience.Connections;
using Npgsql;

namespace Data.Resilience.Sessions;

/// <summary>One attempt, without its context: what observers, interceptors and settings see.</summary>
internal abstract class DbSession : IDbSession
{
    private static readonly AsyncLocal<DbSession?> Ambient = new();
    private Dictionary<object, object?>? _items;
    private List<Func<DbCommit, ValueTask>>? _commitHooks;

    private protected DbSession(DbSessionKind kind, DbSessionOptions options, int attempt, DatabaseNode node)
    {
        Kind = kind;
        Options = options;
        Attempt = attempt;
        Node = node;
    }

    /// <summary>Gets the session the calling code runs in, or null. May be completed already when a delegate left work running behind.</summary>
    public static DbSession? Current => Ambient.Value;

    public DbSessionKind Kind { get; }

    public DbSessionOptions Options { get; }

    public int Attempt { get; }

    public DatabaseNode Node { get; }

    /// <summary>Gets whether the delegate has returned; a completed session is not joined any more.</summary>
    public bool IsCompleted { get; private set; }

    public NpgsqlConnection Connection { get; private set; } = null!;

    public NpgsqlTransaction? Transaction { get; private set; }

    public IDictionary<object, object?> Items => _items ??= [];

    /// <summary>Gets or sets whether a joined call failed, so that committing the rest would apply half of the work.</summary>
    public bool IsRollbackOnly { get; set; }

    /// <summary>Gets the session of another context in whose delegate this one was opened.</summary>
    internal DbSession? Outer { get; private set; }

    public void OnCommitted(Func<DbCommit, ValueTask> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        (_commitHooks ??= []).Add(hook);
    }

    public abstract Task<TResult> SavepointAsync<TResult>(Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken = default);

    internal List<Func<DbCommit, ValueTask>>? CommitHooks => _commitHooks;

    internal void Attach(NpgsqlConnection connection, NpgsqlTransaction? transaction)
    {
        Connection = connection;
        Transaction = transaction;
    }

    /// <summary>Makes this the current session of the calling flow; the flow's end restores the earlier one.</summary>
    internal void Enter()
    {
        Outer = Ambient.Value;
        Ambient.Value = this;
    }

    internal void Complete() => IsCompleted = true;
}
