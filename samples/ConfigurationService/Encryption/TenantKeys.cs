using System.Collections.Concurrent;
using System.Security.Cryptography;
using ConfigurationService.Persistence;
using ConfigurationService.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ConfigurationService.Encryption;

/// <summary>
/// The tenants' keyrings: read and unwrapped once per process, made with a tenant's first secret. About a hundred bytes per tenant with
/// secrets stay in memory. Thread-safe.
/// </summary>
internal sealed class TenantKeys(TenantSessions sessions, KeyEncryptionKey kek)
{
    private const int FirstVersion = 1;

    private readonly ConcurrentDictionary<string, TenantKeyring> _rings = new(StringComparer.Ordinal);

    public async ValueTask<TenantKeyring> GetAsync(string tenant, CancellationToken cancellationToken)
    {
        if (_rings.TryGetValue(tenant, out var ring))
            return ring;
        var stored = await ReadAsync(tenant, cancellationToken);
        if (stored.Count == 0)
        {
            await CreateAsync(tenant, cancellationToken);
            stored = await ReadAsync(tenant, cancellationToken);
        }

        return _rings.GetOrAdd(tenant, new TenantKeyring(
            tenant, stored.ToDictionary(static k => k.KeyVersion, k => kek.Unwrap(k.WrappedKey, tenant, k.KeyVersion))));
    }

    private async Task<List<TenantDataKey>> ReadAsync(string tenant, CancellationToken cancellationToken) =>
        await sessions.ReadContextAsync(
            tenant, (context, token) => context.TenantDataKeys.Where(k => k.TenantId == tenant).ToListAsync(token), cancellationToken);

    // Two instances may meet here: the first one's key stays, and both read that one afterwards.
    private async Task CreateAsync(string tenant, CancellationToken cancellationToken)
    {
        var wrapped = kek.Wrap(RandomNumberGenerator.GetBytes(KeyEncryptionKey.SizeBytes), tenant, FirstVersion);
        await sessions.WriteAsync(tenant, async (connection, token) =>
        {
            await using var batch = new Npgsql.NpgsqlBatch(connection);
            batch.Add(
                "INSERT INTO tenant_data_keys (tenant_id, key_version, kek_id, wrapped_key) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                tenant, FirstVersion, kek.Id, wrapped);
            return await batch.ExecuteNonQueryAsync(token);
        }, cancellationToken);
    }
}
