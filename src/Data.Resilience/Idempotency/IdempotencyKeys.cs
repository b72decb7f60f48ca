namespace Data.Resilience.Idempotency;

/// <summary>Makes the claims of sessions that have an idempotency key.</summary>
/// <param name="options">The settings.</param>
/// <param name="serializer">Stores the results.</param>
/// <param name="tenant">Returns the tenant of the calling flow, or an empty string: two tenants may use the same key.</param>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class IdempotencyKeys(IdempotencyOptions options, IIdempotencySerializer serializer, Func<string> tenant)
{
    public IdempotencyTable Table { get; } = new(options.Table, options.Schema);

    public IIdempotencySerializer Serializer => serializer;

    public int MaxResultSize => options.MaxResultSize;

    /// <summary>Begins the claim of one attempt; nothing is sent.</summary>
    public IdempotencyClaim Claim(string key, string? fingerprint) => new(this, tenant(), key, fingerprint);
}
