using Npgsql;

namespace Data.Resilience.Connections;

/// <summary>One data source with everything that is kept per data source: breaker, retry budget and identity.</summary>
internal sealed class DatabaseNode(string name, NpgsqlDataSource dataSource) : IAsyncDisposable
{
    /// <summary>Gets the name shown in metrics and errors; never a host or connection string.</summary>
    public string Name { get; } = name;

    public NpgsqlDataSource DataSource { get; } = dataSource;

    public ValueTask DisposeAsync() => DataSource.DisposeAsync();
}
