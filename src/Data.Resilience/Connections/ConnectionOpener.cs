using Npgsql;

namespace Data.Resilience.Connections;

/// <summary>Opens straight from the pool.</summary>
internal sealed class ConnectionOpener : IConnectionOpener
{
    public ValueTask<NpgsqlConnection> OpenAsync(DatabaseNode node, CancellationToken cancellationToken) =>
        node.DataSource.OpenConnectionAsync(cancellationToken);
}
