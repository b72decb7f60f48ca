namespace Data.Resilience.Outbox;

/// <summary>Settings of one context's outbox.</summary>
/// <remarks>Writers and dispatchers of the same tables must agree on <see cref="Schema"/> and <see cref="Name"/>.</remarks>
public sealed class OutboxOptions
{
    /// <summary>Schema of the outbox's tables, as given to <c>CreateOutbox</c>. Default: null (found by the search path).</summary>
    public string? Schema { get; set; }

    /// <summary>
    /// First part of the tables' names, as given to <c>CreateOutbox</c>. Default: "outbox". Range: 1–40 ASCII letters, digits and
    /// underscores.
    /// </summary>
    public string Name { get; set; } = "outbox";

    /// <summary>Largest payload in bytes. Default: 1 MiB. Range: 1 B–64 MiB.</summary>
    public int MaxPayloadBytes { get; set; } = 1 << 20;

    /// <summary>How a dispatcher learns of a commit. Default: <see cref="OutboxWakeUp.AfterCommit"/>.</summary>
    public OutboxWakeUp WakeUp { get; set; }

    /// <summary>
    /// Connection string of the dispatcher, for a role of its own. Not together with shards. Default: null (the context's data source).
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// Connection string for LISTEN, which must lead to PostgreSQL itself and not through a pooler of transactions. Default: null (the
    /// dispatcher's own).
    /// </summary>
    public string? ListenConnectionString { get; set; }

    /// <summary>Time between two searches for messages when nothing wakes the dispatcher. Default: 1 s. Range: 10 ms–1 h.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Largest number of messages taken from a lane at a time. Default: 100. Range: 1–10,000.</summary>
    public int BatchSize { get; set; } = 100;

    /// <summary>Number of lanes that one process serves at once, each on a connection of its own. Default: 8. Range: 1–256.</summary>
    /// <remarks>With fewer than the outbox has, publishers that hang in that many lanes hold up the rest until they time out.</remarks>
    public int MaxConcurrentLanes { get; set; } = 8;

    /// <summary>
    /// Number of messages of one lane that are with the publisher at once; those with the same key never are. Default: 8. Range: 1–1,000.
    /// </summary>
    public int MaxConcurrentPublishes { get; set; } = 8;

    /// <summary>Time limit of one call of the publisher. Default: 10 s. Range: 10 ms–10 min.</summary>
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Number of failed attempts after which a message becomes a dead letter. Default: 30. Range: 1–10,000.</summary>
    /// <remarks>
    /// With the default delays that is about two hours; a limit that is reached within an ordinary outage of the broker empties the outbox
    /// into the dead letters.
    /// </remarks>
    public int MaxAttempts { get; set; } = 30;

    /// <summary>
    /// Upper bound of the random delay before a message's second attempt; doubles with each further one. Default: 1 s. Range: 1 ms–1 h.
    /// </summary>
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Upper bound that the doubling stops at. Default: 10 min. Range: <see cref="BaseDelay"/>–24 h.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Age of the oldest message from which on the health check fails. Default: 5 min. Range: 1 s–7 days.</summary>
    public TimeSpan MaxLag { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Seed of the random part of delays, for reproducible tests. Default: null (random).</summary>
    public int? Seed { get; set; }
}
