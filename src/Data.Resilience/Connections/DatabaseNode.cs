using Data.Resilience.Admission;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Retry;
using Npgsql;

namespace Data.Resilience.Connections;

/// <summary>One data source with everything that is kept per data source: breaker, retry budget and identity.</summary>
internal sealed class DatabaseNode : IAsyncDisposable
{
    private readonly bool _ownsDataSource;
    private string? _systemIdentifier;
    private string? _hiddenFunction;

    public DatabaseNode(string name, NpgsqlDataSource dataSource, AttemptGate gate, bool ownsDataSource = true)
    {
        _ownsDataSource = ownsDataSource;
        Name = name;
        DataSource = dataSource;
        Gate = gate;
        NodeGauges.Add(this);
    }

    /// <summary>Name shown in metrics and errors; never a host or connection string.</summary>
    public string Name { get; }

    public NpgsqlDataSource DataSource { get; }

    /// <summary>What lets attempts through to the node or has them wait.</summary>
    public AttemptGate Gate { get; }

    public DatabaseCircuit Circuit => Gate.Circuit;

    public RetryBudget Budget => Gate.Budget;

    /// <summary>Command objects between two sessions.</summary>
    public CommandCache Commands { get; } = new();

    /// <summary>Identifier of the cluster behind the node; null when it is to be read again with the next write.</summary>
    public string? SystemIdentifier
    {
        get => Volatile.Read(ref _systemIdentifier);
        set => Volatile.Write(ref _systemIdentifier, value);
    }

    /// <summary>
    /// Function of the server without which a commit whose answer was lost cannot be verified, and that the role may not execute; null
    /// while none was met.
    /// </summary>
    public string? HiddenFunction
    {
        get => Volatile.Read(ref _hiddenFunction);
        set => Volatile.Write(ref _hiddenFunction, value);
    }

    /// <summary>
    /// Forgets pooled connections and which host is the primary, after the node turned out to be another one than thought.
    /// </summary>
    public void Reroute()
    {
        DataSource.Clear();
        ForgetHosts();
    }

    /// <summary>
    /// Forgets which host is the primary. The driver remembers that for seconds, in which it would not notice that a standby was promoted.
    /// </summary>
    public void ForgetHosts()
    {
        SystemIdentifier = null;
        (DataSource as NpgsqlMultiHostDataSource)?.ClearDatabaseStates();
    }

    public ValueTask DisposeAsync()
    {
        NodeGauges.Remove(this);
        Gate.Dispose();
        return _ownsDataSource ? DataSource.DisposeAsync() : ValueTask.CompletedTask;
    }
}
