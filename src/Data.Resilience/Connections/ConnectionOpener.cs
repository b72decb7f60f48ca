using Npgsql;

namespace Data.Resilience.Connections;

/// <summary>Opens straight from the pool.</summary>
/// <remarks>
/// The connection objects are used again, as EF does with those of its pooled contexts: a new one brings a command of its own with its
/// lists, which together are most of what a session would allocate. Objects that a delegate has seen are not used again, since it may have
/// kept them.
/// </remarks>
internal sealed class ConnectionOpener : IConnectionOpener
{
    private const int MaxClosed = 256;

    public ValueTask<NpgsqlConnection> OpenAsync(DatabaseNode node, CancellationToken cancellationToken) =>
        node.ClosedConnections.TryDequeue(out var connection)
            ? OpenAgainAsync(connection, cancellationToken)
            : node.DataSource.OpenConnectionAsync(cancellationToken);

    public ValueTask ReturnAsync(DatabaseNode node, NpgsqlConnection connection, bool isPrivate)
    {
        if (!isPrivate || node.ClosedConnections.Count >= MaxClosed)
            return connection.DisposeAsync();

        var closing = connection.CloseAsync();
        if (!closing.IsCompletedSuccessfully)
            return FinishAsync(node, connection, closing);

        node.ClosedConnections.Enqueue(connection);
        return ValueTask.CompletedTask;

        static async ValueTask FinishAsync(DatabaseNode node, NpgsqlConnection connection, Task closing)
        {
            await closing.ConfigureAwait(false);
            node.ClosedConnections.Enqueue(connection);
        }
    }

    private static ValueTask<NpgsqlConnection> OpenAgainAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var opening = connection.OpenAsync(cancellationToken);
        return opening.IsCompletedSuccessfully ? ValueTask.FromResult(connection) : FinishAsync(connection, opening);

        static async ValueTask<NpgsqlConnection> FinishAsync(NpgsqlConnection connection, Task opening)
        {
            try
            {
                await opening.ConfigureAwait(false);
                return connection;
            }
            catch
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }
}
