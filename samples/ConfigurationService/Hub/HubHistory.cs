using ConfigurationService.Persistence;
using Data.Resilience.Sessions;

namespace ConfigurationService.Hub;

/// <summary>Reads of the audit log, never from the cache.</summary>
internal sealed class HubHistory(IDbSessionFactory<ConfigurationDbContext> sessions)
{
    /// <summary>The newest entries; a service that was never there has none, and is unknown.</summary>
    public async Task<AuditPageView> ReadAsync(string service, int limit, long? before, CancellationToken cancellationToken)
    {
        var page = await sessions.ReadRawAsync(
            (connection, token) => AuditLogRows.ReadAsync(connection, service, limit, before, token),
            cancellationToken: cancellationToken);
        return page.Total > 0 ? page : throw HubStore.Unknown(service);
    }

    public async Task<ChainView> VerifyAsync(string service, CancellationToken cancellationToken) =>
        await sessions.ReadRawAsync(
            (connection, token) => HubChain.Check.RunAsync(connection, service, token),
            cancellationToken: cancellationToken);
}
