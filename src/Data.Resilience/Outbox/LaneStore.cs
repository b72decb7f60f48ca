using System.Globalization;
using System.Text.Json;
using Data.Resilience.Retry;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Outbox;

/// <summary>Takes a lane's messages and writes down what became of them, each in one round trip.</summary>
/// <remarks>Safe for concurrent use; the connection belongs to one lane.</remarks>
internal sealed class LaneStore(OutboxStatements statements, OutboxOptions options, Backoff backoff)
{
    private const int MaxBatchBytes = 16 << 20;
    private const int MaxErrorLength = 1_000;

    // Longer than a dispatcher that is alive holds a lane between two statements.
    private readonly string _idleLimit = ((long)((2 * options.PublishTimeout) + TimeSpan.FromSeconds(5)).TotalMilliseconds)
        .ToString(CultureInfo.InvariantCulture);

    /// <summary>Locks a lane for the open transaction and reads its next messages; null when another dispatcher has it.</summary>
    /// <remarks>The lock ends with the transaction, also when the process or its connection dies.</remarks>
    public async Task<List<LaneMessage>?> TakeAsync(NpgsqlConnection connection, short lane, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using var ownedBatch = batch.ConfigureAwait(false);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(statements.TakeLane)
        {
            Parameters = { new NpgsqlParameter<short> { TypedValue = lane }, new NpgsqlParameter<string> { TypedValue = _idleLimit } },
        });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(statements.Read)
        {
            Parameters = { new NpgsqlParameter<short> { TypedValue = lane }, new NpgsqlParameter<int> { TypedValue = options.BatchSize } },
        });
        var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ownedReader = reader.ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            return null;

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        var messages = new List<LaneMessage>();
        var bytes = 0;
        while (bytes < MaxBatchBytes && await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            messages.Add(Read(reader));
            bytes += messages[^1].Message.Payload.Length;
        }

        return messages;
    }

    /// <summary>Deletes what was published, postpones or buries what failed, and commits.</summary>
    /// <returns>The messages that became dead letters.</returns>
    public async Task<List<LaneMessage>> SettleAsync(
        NpgsqlConnection connection, short lane, List<LaneMessage> messages, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using var ownedBatch = batch.ConfigureAwait(false);
        long[] published = [.. messages.Where(static message => message.IsPublished).Select(static message => message.Id)];
        if (published.Length > 0)
            Add(statements.Delete, new NpgsqlParameter<long[]> { TypedValue = published });

        var dead = new List<LaneMessage>();
        foreach (var message in messages.Where(static message => message.Failure is not null))
        {
            var id = new NpgsqlParameter<long> { TypedValue = message.Id };
            if (message.Message.Attempt < options.MaxAttempts)
            {
                Add(statements.Postpone, id, new NpgsqlParameter<TimeSpan> { TypedValue = backoff.Next(message.Message.Attempt) });
                continue;
            }

            dead.Add(message);
            Add(statements.Bury, id, new NpgsqlParameter<string> { TypedValue = Describe(message.Failure!) });
        }

        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return dead;

        void Add(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
        {
            var command = new NpgsqlBatchCommand(sql) { Parameters = { new NpgsqlParameter<short> { TypedValue = lane } } };
            foreach (var parameter in parameters)
                command.Parameters.Add(parameter);
            batch.BatchCommands.Add(command);
        }
    }

    /// <summary>Reads headers as they are stored.</summary>
    public static IReadOnlyDictionary<string, string> Headers(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column)
            ? System.Collections.Frozen.FrozenDictionary<string, string>.Empty
            : JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(column))!;

    private static LaneMessage Read(NpgsqlDataReader reader) => new(
        reader.GetInt64(0),
        new OutboxMessage
        {
            Id = reader.GetGuid(1),
            Topic = reader.GetString(2),
            Key = reader.IsDBNull(3) ? null : reader.GetString(3),
            Payload = reader.GetFieldValue<byte[]>(4),
            Headers = Headers(reader, 5),
            TenantId = reader.IsDBNull(6) ? null : reader.GetString(6),
            CreatedAt = reader.GetFieldValue<DateTimeOffset>(7),
            Attempt = reader.GetInt32(8) + 1,
        });

    private static string Describe(Exception failure)
    {
        var text = $"{failure.GetType().FullName}: {failure.Message}".Replace('\0', ' ');
        // Not in the middle of a surrogate pair, which could not be stored.
        var end = text.Length <= MaxErrorLength ? text.Length : MaxErrorLength - (char.IsHighSurrogate(text[MaxErrorLength - 1]) ? 1 : 0);
        return text[..end];
    }
}
