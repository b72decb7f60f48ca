using ConfigurationService.Persistence;
using Npgsql;

namespace ConfigurationService.Providers;

/// <summary>Computes a tenant's hash chain anew and compares: each entry with its hash, its predecessor and its number; the last one with the chain's head; current rows with their snapshots.</summary>
internal static class ProviderChain
{
    private const string Verify =
        """
        WITH chain AS (
            SELECT v.sequence, v.hash, v.previous_hash, config_version_digest(v) AS digest,
                   coalesce(lag(v.hash) OVER w, audit_chain_genesis('tenant', $1)) AS hash_before,
                   coalesce(lag(v.sequence) OVER w, 0) AS sequence_before
            FROM config_versions v WHERE v.tenant_id = $1 WINDOW w AS (ORDER BY v.sequence)
        ),
        head AS (SELECT c.sequence, c.hash FROM audit_chains c WHERE c.scope = 'tenant' AND c.name = $1)
        SELECT (SELECT count(*) FROM chain),
               (SELECT min(sequence) FROM chain
                WHERE hash <> digest OR previous_hash <> hash_before OR sequence <> sequence_before + 1),
               (SELECT (h.sequence, h.hash) IS DISTINCT FROM (c.sequence, c.hash)
                FROM (SELECT 1) AS one LEFT JOIN head h ON true
                LEFT JOIN (SELECT sequence, hash FROM chain ORDER BY sequence DESC LIMIT 1) c ON true),
               (SELECT count(*) FROM provider_configs p WHERE p.tenant_id = $1 AND NOT EXISTS (
                    SELECT FROM config_versions v
                    WHERE v.config_id = p.id AND v.version = p.version AND v.change_type <> 'deleted'
                      AND (v.tenant_id, v.provider_type, v.provider_name, v.api_key, v.api_secret, v.priority, v.enabled, v.config_data)
                          IS NOT DISTINCT FROM
                          (p.tenant_id, p.provider_type, p.provider_name, p.api_key, p.api_secret, p.priority, p.enabled, p.config_data)))
        """;

    public static async Task<ChainView> VerifyAsync(NpgsqlConnection connection, string tenant, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(Verify, tenant);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return ChainView.Of(reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetInt64(1), reader.GetBoolean(2), reader.GetInt64(3));
    }
}
