using ConfigurationService.Persistence;

namespace ConfigurationService.Providers;

/// <summary>
/// One request's read of a whole tenant, made when the first type turns out to be missing from the cache and shared by the others.
/// </summary>
internal sealed class TenantLoad(TenantSessions sessions, string tenant)
{
    private TenantView? _loaded;

    public async ValueTask<TenantView> GetAsync(CancellationToken cancellationToken) =>
        _loaded ??= ProviderRow.ToTenant(tenant, await sessions.ReadAsync(
            tenant, (connection, token) => ProviderRows.ReadAsync(connection, tenant, type: null, token), cancellationToken));
}
