using Npgsql;

namespace Data.Resilience.Connections;

/// <summary>
/// Opens connections for sessions; the place for waiting-time measures, pre-ping and telling an exhausted pool from other failures.
/// </summary>
internal interface IConnectionOpener
{
    /// <summary>Returns an open connection of the node's pool; the caller disposes it.</summary>
    ValueTask<NpgsqlConnection> OpenAsync(DatabaseNode node, CancellationToken cancellationToken);

    /// <summary>Takes a connection back after its session.</summary>
    /// <param name="node">The node it was opened on.</param>
    /// <param name="connection">The connection; not to be used by the caller afterwards.</param>
    /// <param name="isPrivate">Whether nobody outside of the package was handed the object, so that it may serve another session.</param>
    ValueTask ReturnAsync(DatabaseNode node, NpgsqlConnection connection, bool isPrivate) => connection.DisposeAsync();
}
