using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Outbox;

internal sealed class OutboxOfContext<TContext>(OutboxDatabases databases, OutboxStatements statements, OutboxWakeUps wakeUps) :
    IOutbox<TContext>
    where TContext : DbContext
{
    public async Task<OutboxStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        var sum = new OutboxStatus { Depth = 0, Lag = TimeSpan.Zero, DeadLetters = 0 };
        foreach (var database in databases.All)
        {
            var one = await RunAsync(
                database,
                connection => OutboxQueries.StatusAsync(connection, statements, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            sum = new OutboxStatus
            {
                Depth = sum.Depth + one.Depth,
                Lag = one.Lag > sum.Lag ? one.Lag : sum.Lag,
                DeadLetters = sum.DeadLetters + one.DeadLetters,
            };
        }

        return sum;
    }

    public async Task<IReadOnlyList<OutboxDeadLetter>> ListDeadLettersAsync(int limit = 100, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var found = new List<OutboxDeadLetter>();
        foreach (var database in databases.All)
        {
            found.AddRange(await RunAsync(
                database,
                connection => OutboxQueries.ListDeadLettersAsync(connection, statements, limit, cancellationToken),
                cancellationToken).ConfigureAwait(false));
        }

        return found;
    }

    public async Task<int> ReplayAsync(IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken = default)
    {
        var replayed = await ChangeAsync([statements.LockKeysOfDead, statements.Replay], messageIds, cancellationToken)
            .ConfigureAwait(false);
        foreach (var database in databases.All)
            wakeUps.Committed(database.Writers);

        return replayed;
    }

    public Task<int> DeleteDeadLettersAsync(IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken = default) =>
        ChangeAsync([statements.Forget], messageIds, cancellationToken);

    /// <summary>
    /// Runs statements over message ids, which PostgreSQL makes one transaction; returns the rows that the last one changed.
    /// </summary>
    private async Task<int> ChangeAsync(string[] changes, IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messageIds);
        Guid[] ids = [.. messageIds];
        var changed = 0;
        foreach (var database in databases.All)
        {
            changed += await RunAsync(
                database,
                async connection =>
                {
                    var batch = new NpgsqlBatch(connection);
                    await using var owned = batch.ConfigureAwait(false);
                    foreach (var change in changes)
                    {
                        batch.BatchCommands.Add(
                            new NpgsqlBatchCommand(change) { Parameters = { new NpgsqlParameter<Guid[]> { TypedValue = ids } } });
                    }

                    await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                    return (int)((NpgsqlBatchCommand)batch.BatchCommands[^1]).Rows;
                },
                cancellationToken).ConfigureAwait(false);
        }

        return changed;
    }

    private async Task<T> RunAsync<T>(
        OutboxDatabase database, Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await database.Dispatchers.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using var owned = connection.ConfigureAwait(false);
            return await work(connection).ConfigureAwait(false);
        }
        catch (PostgresException failure) when (statements.Explains(failure))
        {
            throw statements.Explain(failure);
        }
    }
}
