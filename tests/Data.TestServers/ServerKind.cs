namespace Data.TestServers;

/// <summary>The servers that tests may need.</summary>
public enum ServerKind
{
    /// <summary>PostgreSQL.</summary>
    Postgres,

    /// <summary>Redis.</summary>
    Redis,

    /// <summary>Chroma, on Node.js.</summary>
    Chroma,

    /// <summary>NATS.</summary>
    Nats,

    /// <summary>PgBouncer.</summary>
    PgBouncer,

    /// <summary>PostgreSQL with the extension vector, on Node.js.</summary>
    PgVector,
}
