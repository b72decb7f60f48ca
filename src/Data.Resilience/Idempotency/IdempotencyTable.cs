using Data.Resilience.Internal;

namespace Data.Resilience.Idempotency;

/// <summary>The statements over the table of keys.</summary>
internal sealed class IdempotencyTable
{
    /// <summary>Number of parameters of <see cref="Claim"/>: tenant, key, fingerprint.</summary>
    public const int ClaimParameters = 3;

    /// <summary>What a claim returns, after the columns of the prologue: the place of the row in the table.</summary>
    public const string ClaimColumns = "k.ctid";

    private readonly string _name;

    public IdempotencyTable(string name, string? schema)
    {
        _name = QuotedName.Of(name, schema);
        Claim = $"INSERT INTO {_name} AS k (tenant_id, key, fingerprint) VALUES ($1, $2, $3) "
            + "ON CONFLICT (tenant_id, key) DO NOTHING RETURNING ";
        Find = $"SELECT transaction_id, fingerprint, result FROM {_name} WHERE tenant_id = $1 AND key = $2";
        Complete = $"UPDATE {_name} SET result = $1 WHERE ctid = $2 AND transaction_id = pg_current_xact_id() RETURNING transaction_id";
    }

    /// <summary>Records a key, or returns no row when it is there already; columns follow after RETURNING.</summary>
    /// <remarks>
    /// Whoever comes second waits here for the end of the first one's transaction. Above Read Committed, a key that was committed meanwhile
    /// is a conflict (40001), and the next attempt finds it.
    /// </remarks>
    public string Claim { get; }

    /// <summary>Returns what was stored with a key.</summary>
    public string Find { get; }

    /// <summary>Stores the result with the key that the same transaction recorded, and returns the transaction's id.</summary>
    /// <remarks>
    /// The place in the table spares the search. The transaction's id guards it: after a delegate has ended the transaction itself, the
    /// place may be another key's.
    /// </remarks>
    public string Complete { get; }

    /// <summary>Removes keys older than $1, at most $2 of them. Rows that another transaction uses are left to the next round.</summary>
    public string Remove => $"DELETE FROM {_name} WHERE ctid = ANY (ARRAY (SELECT ctid FROM {_name} "
        + "WHERE created_at < clock_timestamp() - $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))";

    /// <summary>Creates the table.</summary>
    /// <remarks>
    /// Keys are compared byte by byte. Every row is updated once by the transaction that inserts it; the fill factor leaves the page room
    /// for that.
    /// </remarks>
    public string Create =>
        $"""
        CREATE TABLE {_name} (
          tenant_id text COLLATE "C" NOT NULL,
          key text COLLATE "C" NOT NULL,
          fingerprint text COLLATE "C",
          transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
          created_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
          result bytea,
          PRIMARY KEY (tenant_id, key)
        ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
        CREATE INDEX ON {_name} (created_at);
        """;

    public string Drop => $"DROP TABLE {_name};";
}
