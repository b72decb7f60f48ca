using Data.Resilience.Connections;
using Npgsql;
using NpgsqlTypes;

namespace Data.Resilience.Outbox;

/// <summary>
/// Writes messages into the batch of a commit, and wakes dispatchers after it. A keyed singleton under <c>typeof(TContext)</c>.
/// </summary>
internal sealed class OutboxWriter(OutboxOptions options, OutboxStatements statements, OutboxWakeUps wakeUps, TimeProvider time)
{
    private int _hash;

    public OutboxStatements Statements => statements;

    public int MaxPayloadBytes => options.MaxPayloadBytes;

    public Guid NewId() => Guid.CreateVersion7(time.GetUtcNow());

    /// <summary>The hash of a message without a key: the next lane in turn.</summary>
    public int NextHash() => Interlocked.Increment(ref _hash);

    public void Committed(DatabaseNode node) => wakeUps.Committed(node);

    /// <summary>Adds one statement for all messages; it takes the locks of their keys first.</summary>
    public void AddTo(NpgsqlBatch batch, List<OutboxRow> rows)
    {
        if (rows.Count == 1)
            AddOne(batch, rows[0]);
        else if (rows.Count > 1)
            AddMany(batch, rows);
    }

    private void AddOne(NpgsqlBatch batch, in OutboxRow row)
    {
        var command = new NpgsqlBatchCommand(row.Key is null ? statements.InsertOne : statements.InsertOneInOrder);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = row.MessageId });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = row.Hash });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = row.Topic });
        command.Parameters.Add(Text(row.Key));
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = row.Payload });
        command.Parameters.Add(Text(row.Headers));
        batch.BatchCommands.Add(command);
    }

    private void AddMany(NpgsqlBatch batch, List<OutboxRow> rows)
    {
        // In one order in every session, so that two of them never wait for each other crosswise.
        int[] locks = [.. rows.Where(static row => row.Key is not null).Select(static row => row.Hash).Distinct().Order()];
        var command = new NpgsqlBatchCommand(statements.InsertMany);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = locks });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. rows.Select(static row => row.MessageId)] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. rows.Select(static row => row.Hash)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(static row => row.Topic)] });
        command.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. rows.Select(static row => row.Key)] });
        command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. rows.Select(static row => row.Payload)] });
        command.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. rows.Select(static row => row.Headers)] });
        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)value ?? DBNull.Value };
}
