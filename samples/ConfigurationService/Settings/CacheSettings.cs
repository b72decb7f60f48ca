namespace ConfigurationService.Settings;

/// <summary>How long read configuration may be served from the cache.</summary>
/// <param name="Ttl"><c>Cache:TtlSeconds</c>: 1 to 86,400 seconds; default 300.</param>
/// <param name="KeyTtl"><c>Cache:KeyTtlSeconds</c>: how long another instance may go on accepting a key deleted here; 1 to 300 seconds;
/// default 30.</param>
internal sealed record CacheSettings(TimeSpan Ttl, TimeSpan KeyTtl)
{
    public static CacheSettings Read(SettingReader reader) => new(
        TimeSpan.FromSeconds(reader.Integer("Cache:TtlSeconds", 300, 1, 86_400)),
        TimeSpan.FromSeconds(reader.Integer("Cache:KeyTtlSeconds", 30, 1, 300)));
}
