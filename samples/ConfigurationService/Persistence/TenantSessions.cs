using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;
using Npgsql;

namespace ConfigurationService.Persistence;

/// <summary>Sessions in which the database shows one tenant's rows and no others.</summary>
internal sealed class TenantSessions(IDbSessionFactory<ConfigurationDbContext> sessions)
{
    public async Task<T> ReadAsync<T>(
        string tenant,
        Func<NpgsqlConnection, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
    {
        using var scope = TenantScope.Begin(tenant);
        return await sessions.ReadRawAsync(work, cancellationToken: cancellationToken);
    }

    public async Task<T> ReadContextAsync<T>(
        string tenant,
        Func<ConfigurationDbContext, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
    {
        using var scope = TenantScope.Begin(tenant);
        return await sessions.ReadAsync((session, token) => work(session.Context, token), cancellationToken: cancellationToken);
    }

    public async Task<T> WriteAsync<T>(
        string tenant,
        Func<NpgsqlConnection, CancellationToken, Task<T>> work,
        CancellationToken cancellationToken)
    {
        using var scope = TenantScope.Begin(tenant);
        return await sessions.WriteRawAsync(work, cancellationToken: cancellationToken);
    }
}
