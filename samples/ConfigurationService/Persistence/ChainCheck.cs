using Npgsql;

namespace ConfigurationService.Persistence;

/// <summary>
/// Computes a hash chain anew and compares: each entry with its hash, its predecessor and its number; the last one with the chain's head;
/// what is current with its entry.
/// </summary>
/// <param name="scope">The chain's kind in <c>audit_chains</c>.</param>
/// <param name="history">The table of the entries.</param>
/// <param name="owner">Its column that names whose chain an entry belongs to.</param>
/// <param name="digest">The function that computes the hash of an entry.</param>
/// <param name="unrecorded">A query for how many current rows of <c>$1</c> are not as their newest entry says.</param>
internal sealed class ChainCheck(string scope, string history, string owner, string digest, string unrecorded)
{
    private readonly string _sql =
        $"""
        WITH chain AS (
            SELECT e.sequence, e.hash, e.previous_hash, {digest}(e) AS digest,
                   coalesce(lag(e.hash) OVER w, audit_chain_genesis('{scope}', $1)) AS hash_before,
                   coalesce(lag(e.sequence) OVER w, 0) AS sequence_before
            FROM {history} e WHERE e.{owner} = $1 WINDOW w AS (ORDER BY e.sequence)
        ),
        head AS (SELECT c.sequence, c.hash FROM audit_chains c WHERE c.scope = '{scope}' AND c.name = $1)
        SELECT (SELECT count(*) FROM chain),
               (SELECT min(sequence) FROM chain
                WHERE hash <> digest OR previous_hash <> hash_before OR sequence <> sequence_before + 1),
               (SELECT (h.sequence, h.hash) IS DISTINCT FROM (c.sequence, c.hash)
                FROM (SELECT 1) AS one LEFT JOIN head h ON true
                LEFT JOIN (SELECT sequence, hash FROM chain ORDER BY sequence DESC LIMIT 1) c ON true),
               ({unrecorded})
        """;

    public async Task<ChainView> RunAsync(NpgsqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(_sql, name);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return ChainView.Of(reader.GetInt64(0), reader.IsDBNull(1) ? null : reader.GetInt64(1), reader.GetBoolean(2), reader.GetInt64(3));
    }
}
