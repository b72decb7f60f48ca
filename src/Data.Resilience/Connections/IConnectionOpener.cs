using Npgsql;

namespace Data.Resilience.Connections;

/// <summary>
/// Opens connections for sessions; the place for waiting-time measures, pre-ping and telling an exhausted pool from other failures.
/// </summary>
internal interface IConnectionOpener
{
    /// <summary>Returns an open connection of the node's pool, an object that nobody has had before; the caller disposes it.</summary>
    ValueTask<NpgsqlConnection> OpenAsync(DatabaseNode node, CancellationToken cancellationToken);
}
