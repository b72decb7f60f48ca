using Npgsql;

namespace Data.Resilience.Outbox;

/// <summary>Reads what an outbox holds.</summary>
internal static class OutboxQueries
{
    public static async Task<OutboxStatus> StatusAsync(
        NpgsqlConnection connection, OutboxStatements statements, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(statements.Status, connection);
        await using var ownedCommand = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ownedReader = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new OutboxStatus
        {
            Depth = reader.GetInt64(0),
            Lag = reader.IsDBNull(1) ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Max(reader.GetDouble(1), 0)),
            DeadLetters = reader.GetInt64(2),
        };
    }

    public static async Task<List<OutboxDeadLetter>> ListDeadLettersAsync(
        NpgsqlConnection connection, OutboxStatements statements, int limit, CancellationToken cancellationToken)
    {
        var command = new NpgsqlCommand(statements.ListDead, connection)
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = limit } },
        };
        await using var ownedCommand = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ownedReader = reader.ConfigureAwait(false);
        var found = new List<OutboxDeadLetter>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var message = new OutboxMessage
            {
                Id = reader.GetGuid(0),
                Topic = reader.GetString(1),
                Key = reader.IsDBNull(2) ? null : reader.GetString(2),
                Payload = reader.GetFieldValue<byte[]>(3),
                Headers = LaneStore.Headers(reader, 4),
                TenantId = reader.IsDBNull(5) ? null : reader.GetString(5),
                CreatedAt = reader.GetFieldValue<DateTimeOffset>(6),
                Attempt = reader.GetInt32(7),
            };
            found.Add(new OutboxDeadLetter
            {
                Message = message,
                FailedAt = reader.GetFieldValue<DateTimeOffset>(8),
                Error = reader.GetString(9),
            });
        }

        return found;
    }
}
