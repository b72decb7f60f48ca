using Data.Resilience.Connections;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Idempotency;

/// <summary>Removes old keys in batches, database by database.</summary>
internal sealed class ExpiredKeyRemoval<TContext>(IReadOnlyList<DatabaseNode> nodes, IdempotencyOptions options) :
    IIdempotencyKeys<TContext>
    where TContext : DbContext
{
    private readonly IdempotencyTable _table = new(options.Table, options.Schema);

    public async Task<long> RemoveExpiredAsync(CancellationToken cancellationToken = default)
    {
        var removed = 0L;
        foreach (var node in nodes)
        {
            int batch;
            do
            {
                batch = await RemoveBatchAsync(node, cancellationToken).ConfigureAwait(false);
                removed += batch;
            }
            while (batch == options.RemovalBatchSize);
        }

        return removed;
    }

    private async Task<int> RemoveBatchAsync(DatabaseNode node, CancellationToken cancellationToken)
    {
        var command = node.DataSource.CreateCommand(_table.Remove);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.Add(new NpgsqlParameter<TimeSpan>() { TypedValue = options.Retention });
            command.Parameters.Add(new NpgsqlParameter<int>() { TypedValue = options.RemovalBatchSize });
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
