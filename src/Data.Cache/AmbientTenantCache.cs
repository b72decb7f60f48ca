namespace Data.Cache;

/// <summary>Forwards every call to the view of the tenant that it is made for.</summary>
internal sealed class AmbientTenantCache(DataCache root) : DelegatingDataCache
{
    // One view is kept: most calls in a row are made for the same tenant.
    private volatile View? _last;

    protected override DataCache Inner
    {
        get
        {
            var tenant = CacheTenant.Current
                ?? throw new InvalidOperationException("No tenant is in scope. Call CacheTenant.Enter, or use ForTenant.");
            if (_last is { } last && string.Equals(last.Tenant, tenant, StringComparison.Ordinal))
                return last.Cache;
            var cache = root.ForTenant(tenant);
            _last = new View(tenant, cache);
            return cache;
        }
    }

    // Outside a tenant too: statistics are those of the whole cache.
    public override DataCacheStatistics GetStatistics() => root.GetStatistics();

    private sealed record View(string Tenant, DataCache Cache);
}
