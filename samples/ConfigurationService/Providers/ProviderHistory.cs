using ConfigurationService.Persistence;

namespace ConfigurationService.Providers;

/// <summary>Reads of history. They never touch the cache: who asks for history wants to know what the database holds.</summary>
internal sealed class ProviderHistory(TenantSessions sessions)
{
    public async Task<HistoryPageView> ReadAsync(string tenant, HistoryQuery query, CancellationToken cancellationToken) =>
        await sessions.ReadAsync(
            tenant,
            (connection, token) => ProviderHistoryRows.ReadPageAsync(connection, tenant, query, token),
            cancellationToken);

    public async Task<ChainView> VerifyAsync(string tenant, CancellationToken cancellationToken) =>
        await sessions.ReadAsync(tenant, (connection, token) => ProviderChain.Check.RunAsync(connection, tenant, token), cancellationToken);
}
