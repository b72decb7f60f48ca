using Data.Resilience.Connections;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Inbox;

internal sealed class InboxRetention<TContext>(IReadOnlyList<DatabaseNode> nodes, InboxStatements statements, InboxOptions options) :
    IInboxRetention<TContext>
    where TContext : DbContext
{
    public async Task<long> CleanUpAsync(CancellationToken cancellationToken = default)
    {
        var removed = 0L;
        foreach (var node in nodes)
        {
            int batch;
            do
            {
                batch = await RemoveAsync(node, cancellationToken).ConfigureAwait(false);
                removed += batch;
            }
            while (batch == options.CleanUpBatchSize);
        }

        return removed;
    }

    private async Task<int> RemoveAsync(DatabaseNode node, CancellationToken cancellationToken)
    {
        var command = node.DataSource.CreateCommand(statements.CleanUp);
        await using var owned = command.ConfigureAwait(false);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Retention });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.CleanUpBatchSize });
        try
        {
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException failure) when (InboxStatements.Explains(failure))
        {
            throw statements.Explain(failure);
        }
    }
}
