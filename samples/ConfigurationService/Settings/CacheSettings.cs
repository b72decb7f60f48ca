namespace ConfigurationService.Settings;

/// <summary>How long read configuration may be served from the cache.</summary>
/// <param name="Ttl"><c>Cache:TtlSeconds</c>: 1 to 86,400 seconds; default 300.</param>
/// <param name="KeyTtl"><c>Cache:KeyTtlSeconds</c>: how long another instance that hears no notices may go on accepting a key deleted here;
/// 1 to 300 seconds; default 30.</param>
/// <param name="KeyOutage"><c>Cache:KeyOutageSeconds</c>: how long a known key goes on working while the database is away; 0 to 86,400
/// seconds; default 3,600.</param>
internal sealed record CacheSettings(TimeSpan Ttl, TimeSpan KeyTtl, TimeSpan KeyOutage)
{
    public static CacheSettings Read(SettingReader reader) => new(
        TimeSpan.FromSeconds(reader.Integer("Cache:TtlSeconds", 300, 1, 86_400)),
        TimeSpan.FromSeconds(reader.Integer("Cache:KeyTtlSeconds", 30, 1, 300)),
        TimeSpan.FromSeconds(reader.Integer("Cache:KeyOutageSeconds", 3_600, 0, 86_400)));
}
