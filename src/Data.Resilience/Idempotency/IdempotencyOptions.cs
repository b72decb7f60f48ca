namespace Data.Resilience.Idempotency;

/// <summary>Settings of idempotency keys.</summary>
public sealed class IdempotencyOptions
{
    /// <summary>Name of the table. Default: <c>idempotency_keys</c>. Range: 1–63 characters.</summary>
    public string Table { get; set; } = "idempotency_keys";

    /// <summary>Schema of the table. Default: null (found by the search path). Range: null or 1–63 characters.</summary>
    public string? Schema { get; set; }

    /// <summary>
    /// Largest serialized result in bytes. A write with a larger one fails and is rolled back. Default: 65,536. Range: 1–16,777,216.
    /// </summary>
    public int MaxResultSize { get; set; } = 65_536;

    /// <summary>
    /// Age from which a key is removed. A call that repeats the key later runs its work again. Default: 7 days. Range: 1 min–3,650 days.
    /// </summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Time between two removals of old keys by this process, the first right after its start. Default: 10 min. Range: null (never) or
    /// 1 s–1 day.
    /// </summary>
    public TimeSpan? RemovalInterval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Number of keys that one statement removes. Default: 1,000. Range: 1–100,000.</summary>
    public int RemovalBatchSize { get; set; } = 1_000;
}
