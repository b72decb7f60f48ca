using System.Data.Common;

namespace Data.Vector.PgVector;

/// <summary>A connection during one call; each statement has the full time of a request.</summary>
internal sealed class PgSession(
    DbConnection connection,
    KeyValuePair<string, string>? tenant,
    CancellationTokenSource deadline,
    TimeSpan timeout,
    CancellationToken cancellationToken)
{
    /// <summary>Begins a transaction for several statements; without one each statement is a transaction of its own.</summary>
    public ValueTask<DbTransaction> BeginAsync() => connection.BeginTransactionAsync(cancellationToken);

    /// <summary>Commits a transaction.</summary>
    public Task CommitAsync(DbTransaction transaction)
    {
        deadline.CancelAfter(timeout);
        return transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Runs a statement and returns the number of rows that it wrote.</summary>
    public async Task<int> ExecuteAsync(PgStatement statement)
    {
        deadline.CancelAfter(timeout);
        var batch = Batch(statement);
        await using var _ = batch.ConfigureAwait(false);
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return batch.BatchCommands[^1].RecordsAffected;
    }

    /// <inheritdoc cref="ExecuteAsync(PgStatement)"/>
    public Task<int> ExecuteAsync(string text) => ExecuteAsync(new PgStatement { Text = text });

    /// <summary>Runs a query and reads its rows.</summary>
    public async Task<List<T>> QueryAsync<T>(PgStatement statement, Func<DbDataReader, T> read)
    {
        deadline.CancelAfter(timeout);
        var batch = Batch(statement);
        await using var _ = batch.ConfigureAwait(false);
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = reader.ConfigureAwait(false);
        if (batch.BatchCommands.Count > 1)
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);

        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            rows.Add(read(reader));

        return rows;
    }

    /// <summary>
    /// The settings and the statement in one round trip, which PostgreSQL runs in one transaction: the settings end with it.
    /// </summary>
    private DbBatch Batch(PgStatement statement)
    {
        var batch = connection.CreateBatch();
        batch.Timeout = 0;
        var settings = new PgStatement();
        var calls = statement.Settings.Concat(tenant is { } of ? [of] : [])
            .Select(setting => $"set_config({settings.Parameter(setting.Key)}, {settings.Parameter(setting.Value)}, true)");
        settings.Text = "SELECT " + string.Join(", ", calls);
        if (settings.Values.Count > 0)
            batch.BatchCommands.Add(Command(batch, settings));

        batch.BatchCommands.Add(Command(batch, statement));
        return batch;
    }

    private static DbBatchCommand Command(DbBatch batch, PgStatement statement)
    {
        var command = batch.CreateBatchCommand();
        command.CommandText = statement.Text;
        foreach (var value in statement.Values)
        {
            // Without a name it is the next of $1, $2, …
            var parameter = command.CreateParameter();
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
