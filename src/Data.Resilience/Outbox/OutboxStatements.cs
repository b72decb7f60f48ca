using Data.Resilience.Internal;
using Npgsql;

namespace Data.Resilience.Outbox;

/// <summary>The SQL of one outbox.</summary>
internal sealed class OutboxStatements
{
    /// <summary>First half of the advisory locks of keys, so that they meet no lock of the application: "oubx".</summary>
    public const int LockSpace = 0x6F756278;

    private const string Columns = "message_id, hash, topic, key, payload, headers";

    public OutboxStatements(string name, string? schema, bool notifies)
    {
        var tables = new OutboxTables(name, schema);
        Tables = tables;
        var messages = tables.Messages;
        Channel = QuotedName.Of(tables.ChannelName);

        // Functions in FROM run before the first row is made, and with it before an id is drawn: the lock of a key is held when its ids
        // are.
        var notify = notifies ? $", pg_notify('{tables.ChannelName}', '')" : "";
        var values = "$1, $2, $3, $4, $5, $6::jsonb";
        InsertOne = notifies
            ? $"INSERT INTO {messages} ({Columns}) SELECT {values} FROM {notify[2..]}"
            : $"INSERT INTO {messages} ({Columns}) VALUES ({values})";
        InsertOneInOrder =
            $"INSERT INTO {messages} ({Columns}) SELECT {values} FROM pg_advisory_xact_lock({LockSpace}, $2){notify}";
        InsertMany =
            $"""
            INSERT INTO {messages} ({Columns})
            SELECT m.id, m.hash, m.topic, m.key, m.payload, m.headers::jsonb
            FROM (SELECT count(pg_advisory_xact_lock({LockSpace}, h)) FROM unnest($1) AS h) AS locks{notify},
              unnest($2, $3, $4, $5, $6, $7) WITH ORDINALITY AS m (id, hash, topic, key, payload, headers, place)
            ORDER BY m.place
            """;
        Scan =
            $"""
            SELECT l.lane FROM {tables.Lanes} l
            WHERE EXISTS (SELECT 1 FROM {messages} m
              WHERE m.lane = l.lane AND (m.retry_at IS NULL OR m.retry_at <= statement_timestamp()))
            """;
        TakeLane =
            $"""
            SELECT set_config('idle_in_transaction_session_timeout', $2, true) FROM {tables.Lanes} WHERE lane = $1
            FOR UPDATE SKIP LOCKED
            """;
        Read =
            $"""
            SELECT id, message_id, topic, key, payload, headers::text, tenant_id, created_at, attempts FROM {messages} m
            WHERE lane = $1 AND (retry_at IS NULL OR retry_at <= statement_timestamp())
              AND (key IS NULL OR NOT EXISTS (SELECT 1 FROM {messages} e WHERE e.lane = m.lane AND e.hash = m.hash AND e.id < m.id
                AND e.retry_at > statement_timestamp() AND e.key IS NOT NULL))
            ORDER BY id LIMIT $2
            """;
        Delete = $"DELETE FROM {messages} WHERE lane = $1 AND id = ANY ($2)";
        Postpone =
            $"""
            UPDATE {messages} SET attempts = attempts + 1, retry_at = clock_timestamp() + $3 WHERE lane = $1 AND id = $2
            """;
        Bury =
            $"""
            WITH dead AS (DELETE FROM {messages} WHERE lane = $1 AND id = $2 RETURNING *)
            INSERT INTO {tables.DeadLetters} (id, {Columns}, tenant_id, created_at, attempts, error)
            SELECT id, {Columns}, tenant_id, created_at, attempts + 1, $3 FROM dead
            """;
        LockKeysOfDead =
            $"""
            SELECT pg_advisory_xact_lock({LockSpace}, d.hash)
            FROM (SELECT DISTINCT hash FROM {tables.DeadLetters} WHERE message_id = ANY ($1) AND key IS NOT NULL ORDER BY hash) AS d
            """;
        Replay =
            $"""
            WITH dead AS (DELETE FROM {tables.DeadLetters} WHERE message_id = ANY ($1) RETURNING *)
            INSERT INTO {messages} ({Columns}, tenant_id) SELECT {Columns}, tenant_id FROM dead ORDER BY id
            """;
        Forget = $"DELETE FROM {tables.DeadLetters} WHERE message_id = ANY ($1)";
        ListDead =
            $"""
            SELECT message_id, topic, key, payload, headers::text, tenant_id, created_at, attempts, failed_at, error
            FROM {tables.DeadLetters} ORDER BY failed_at DESC, id DESC LIMIT $1
            """;
        Status =
            $"""
            SELECT (SELECT count(*) FROM (SELECT 1 FROM {messages} LIMIT {OutboxStatus.MaxDepth}) AS m),
              (SELECT extract(epoch FROM clock_timestamp() - min(o.created_at))::float8 FROM {tables.Lanes} l
                CROSS JOIN LATERAL (SELECT created_at FROM {messages} m WHERE m.lane = l.lane ORDER BY id LIMIT 1) AS o),
              (SELECT count(*) FROM (SELECT 1 FROM {tables.DeadLetters} LIMIT {OutboxStatus.MaxDepth}) AS d)
            """;
    }

    public OutboxTables Tables { get; }

    /// <summary>Quoted, for LISTEN.</summary>
    public string Channel { get; }

    public string InsertOne { get; }

    public string InsertOneInOrder { get; }

    public string InsertMany { get; }

    /// <summary>Lanes that have messages to hand over.</summary>
    public string Scan { get; }

    /// <summary>Returns a row when the lane is this transaction's from now on.</summary>
    /// <remarks>
    /// Must be a statement of its own, before the messages are read: a snapshot taken before the lock would show messages that the lane's
    /// last holder has deleted.
    /// </remarks>
    public string TakeLane { get; }

    /// <summary>Messages of a lane, except those that wait and those behind one of their key that waits.</summary>
    public string Read { get; }

    public string Delete { get; }

    public string Postpone { get; }

    public string Bury { get; }

    public string LockKeysOfDead { get; }

    public string Replay { get; }

    public string Forget { get; }

    public string ListDead { get; }

    public string Status { get; }

    /// <summary>Whether a failure is that of a missing table of the outbox.</summary>
    public bool Explains(PostgresException failure) =>
        string.Equals(failure.SqlState, PostgresErrorCodes.UndefinedTable, StringComparison.Ordinal)
        && failure.MessageText.Contains(Tables.Name, StringComparison.Ordinal);

    /// <summary>Names the migration that makes the missing table.</summary>
    public Exception Explain(PostgresException failure) => new InvalidOperationException(
        $"The outbox's tables ({Tables.Messages} and its siblings) do not exist. Create them in a migration with "
        + "migrationBuilder.CreateOutbox(), with the schema and name of OutboxOptions.",
        failure);
}
