using Data.Resilience.CircuitBreaking;
using Data.Resilience.Retry;
using Npgsql;

namespace Data.Resilience.Connections;

/// <summary>One data source with everything that is kept per data source: breaker, retry budget and identity.</summary>
internal sealed class DatabaseNode(string name, NpgsqlDataSource dataSource, DatabaseCircuit circuit, RetryBudget budget) : IAsyncDisposable
{
    private string? _systemIdentifier;

    /// <summary>Gets the name shown in metrics and errors; never a host or connection string.</summary>
    public string Name { get; } = name;

    public NpgsqlDataSource DataSource { get; } = dataSource;

    public DatabaseCircuit Circuit { get; } = circuit;

    public RetryBudget Budget { get; } = budget;

    /// <summary>Gets or sets the identifier of the cluster behind the node; null when it is to be read again with the next write.</summary>
    public string? SystemIdentifier
    {
        get => Volatile.Read(ref _systemIdentifier);
        set => Volatile.Write(ref _systemIdentifier, value);
    }

    /// <summary>Forgets pooled connections and which host is the primary, after the node turned out to be another one than thought.</summary>
    public void Reroute()
    {
        SystemIdentifier = null;
        DataSource.Clear();
        (DataSource as NpgsqlMultiHostDataSource)?.ClearDatabaseStates();
    }

    public ValueTask DisposeAsync() => DataSource.DisposeAsync();
}
