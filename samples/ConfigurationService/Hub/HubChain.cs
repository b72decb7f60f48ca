using ConfigurationService.Persistence;
using Npgsql;

namespace ConfigurationService.Hub;

/// <summary>Computes a service's hash chain anew and compares: each entry with its hash, its predecessor and its number; the last one with the chain's head; the current row with its entry.</summary>
internal static class HubChain
{
    private const string Verify =
        """
        WITH chain AS (
            SELECT a.sequence, a.hash, a.previous_hash, config_audit_digest(a) AS digest,
                   coalesce(lag(a.hash) OVER w, audit_chain_genesis('service', $1)) AS hash_before,
                   coalesce(lag(a.sequence) OVER w, 0) AS sequence_before
            FROM config_audit_log a WHERE a.service_name = $1 WINDOW w AS (ORDER BY a.sequence)
        ),
        head AS (SELECT c.sequence, c.hash FROM audit_chains c WHERE c.scope = 'service' AND c.name = $1)
        SELECT (SELECT count(*) FROM chain),
               (SELECT min(sequence) FROM chain
                WHERE hash <> digest OR previous_hash <> hash_before OR sequence <> sequence_before + 1),
               (SELECT (h.sequence, h.hash) IS DISTINCT FROM (c.sequence, c.hash)
                FROM (SELECT 1) AS one LEFT JOIN head h ON true
                LEFT JOIN (SELECT sequence, hash FROM chain ORDER BY sequence DESC LIMIT 1) c ON true),
               (SELECT count(*) FROM service_configs s WHERE s.service_name = $1 AND NOT EXISTS (
                    SELECT FROM config_audit_log a WHERE a.service_name = s.service_name AND a.version = s.version
                      AND (a.config, a.description, a.tags, a.action = 'deleted') IS NOT DISTINCT FROM
                          (s.config_json, s.description, s.tags, NOT s.active)))
        """;

    public static async Task<ChainView> VerifyAsync(NpgsqlConnection connection, string service, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(Verify, service);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return ChainView.Of(reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetInt64(1), reader.GetBoolean(2), reader.GetInt64(3));
    }
}
