using ConfigurationService.Changes;
using ConfigurationService.Persistence;
using ConfigurationService.Settings;
using Data.Cache;

namespace ConfigurationService.Providers;

/// <summary>Reads of current configuration, through the cache: one entry per tenant and type, dropped when a write touches it.</summary>
internal sealed class ProviderCache(DataCache cache, TenantSessions sessions, CacheSettings settings) : IChangeListener
{
    private readonly DataCacheEntryOptions _options = new() { Expiration = settings.Ttl };

    public ValueTask<ProviderList> ReadAsync(string tenant, string type, CancellationToken cancellationToken) =>
        cache.ForTenant(tenant).GetOrCreateAsync(
            KeyOf(tenant, type), (sessions, tenant, type),
            static (state, _, token) => LoadAsync(state.sessions, state.tenant, state.type, token),
            _options, cancellationToken: cancellationToken);

    /// <summary>All types of a tenant. However many of them the cache lacks, the database is asked once.</summary>
    public async Task<TenantView> ReadAllAsync(string tenant, CancellationToken cancellationToken)
    {
        var load = new TenantLoad(sessions, tenant);
        var lists = new Dictionary<string, IReadOnlyList<ProviderView>>(StringComparer.Ordinal);
        foreach (var type in ProviderTypes.All)
        {
            var list = await cache.ForTenant(tenant).GetOrCreateAsync(
                KeyOf(tenant, type), (load, type),
                static async (state, _, token) => new ProviderList((await state.load.GetAsync(token)).OfType(state.type)),
                _options, cancellationToken: cancellationToken);
            lists[type] = list.Providers;
        }

        return TenantView.Of(tenant, type => lists[type]);
    }

    // Without a token: the write is committed, and a caller who hangs up must not leave an old value behind.
    public ValueTask RemoveAsync(string tenant, IReadOnlyList<string> types) =>
        cache.ForTenant(tenant).RemoveAsync(types.Select(type => KeyOf(tenant, type)), CancellationToken.None);

    public string Table => "provider_configs";

    public ValueTask DropAsync(string scope) => RemoveAsync(scope, ProviderTypes.All);

    private static async ValueTask<ProviderList> LoadAsync(
        TenantSessions sessions,
        string tenant,
        string type,
        CancellationToken cancellationToken)
    {
        var rows = await sessions.ReadAsync(
            tenant,
            (connection, token) => ProviderRows.ReadAsync(connection, tenant, type, token),
            cancellationToken);
        return new ProviderList(ProviderRow.ToViews(rows));
    }

    private static string KeyOf(string tenant, string type) => $"provider_config:{tenant}:{type}";
}
