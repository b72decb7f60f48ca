using System.Globalization;
using ConfigurationService.Persistence;
using Npgsql;
using NpgsqlTypes;

namespace ConfigurationService.Providers;

/// <summary>The statements on <c>provider_configs</c>. Each method is one round trip inside the caller's transaction.</summary>
internal static class ProviderRows
{
    private const string Columns = "p.id, p.provider_type, p.provider_name, p.api_key, p.api_secret, p.priority, p.enabled, "
        + "p.config_data::text, p.version, p.updated_at";

    private const string SelectType =
        $"SELECT {Columns} FROM provider_configs p WHERE p.tenant_id = $1 AND ($2::text IS NULL OR p.provider_type = $2)";

    private const string SelectForUpdate = $"SELECT {Columns} FROM provider_configs p WHERE p.tenant_id = $1 ORDER BY p.id FOR UPDATE";

    private const string Delete = "DELETE FROM provider_configs WHERE tenant_id = $1 AND id = ANY ($2)";

    private const string Upsert =
        """
        INSERT INTO provider_configs (tenant_id, provider_type, provider_name, api_key, api_secret, priority, enabled, config_data)
        SELECT $1, t.type, t.name, t.api_key, t.api_secret, t.priority, t.enabled, t.config::jsonb
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[])
             WITH ORDINALITY AS t (type, name, api_key, api_secret, priority, enabled, config, place)
        ORDER BY t.place
        ON CONFLICT ON CONSTRAINT provider_configs_tenant_type_name_key DO UPDATE SET
            api_key = excluded.api_key, api_secret = excluded.api_secret, priority = excluded.priority,
            enabled = excluded.enabled, config_data = excluded.config_data
        """;

    // What is there now, and whether the newest snapshot of each row says the same: the triggers are trusted, and checked.
    private const string SelectRecorded =
        $"""
        SELECT {Columns},
            v.id IS NOT NULL AND v.change_type <> 'deleted'
            AND (v.tenant_id, v.provider_type, v.provider_name, v.api_key, v.api_secret, v.priority, v.enabled, v.config_data)
                IS NOT DISTINCT FROM
                (p.tenant_id, p.provider_type, p.provider_name, p.api_key, p.api_secret, p.priority, p.enabled, p.config_data)
        FROM provider_configs p LEFT JOIN config_versions v ON v.config_id = p.id AND v.version = p.version
        WHERE p.tenant_id = $1
        """;

    private const string CountDeletions =
        """
        SELECT count(*) FROM unnest($2::uuid[], $3::integer[]) AS d (id, version)
        JOIN config_versions v ON v.config_id = d.id AND v.version = d.version + 1 AND v.tenant_id = $1 AND v.change_type = 'deleted'
        """;

    /// <summary>A tenant's rows, of one type or (null) of all.</summary>
    public static async Task<List<ProviderRow>> ReadAsync(
        NpgsqlConnection connection,
        string tenant,
        string? type,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(SelectType, tenant, type);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await ReadRowsAsync(reader, static (_, _) => { }, cancellationToken);
    }

    /// <summary>Announces a change, locks the tenant against other writers and reads its rows.</summary>
    public static async Task<List<ProviderRow>> LockAsync(
        NpgsqlConnection connection,
        string tenant,
        Change change,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        change.AddTo(batch, $"tenant:{tenant}");
        batch.Add(SelectForUpdate, tenant);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await ReadRowsAsync(reader, static (_, _) => { }, cancellationToken);
    }

    /// <summary>Carries out a plan and returns all rows of the tenant as they are then, each of them proven to be in the history.</summary>
    /// <exception cref="HistoryMissingException">A row, or a deletion, is not in the history.</exception>
    public static async Task<List<ProviderRow>> ApplyAsync(
        NpgsqlConnection connection,
        string tenant,
        ProviderPlan plan,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (plan.Deletes.Count > 0)
            batch.Add(Delete, tenant, plan.Deletes.Select(static d => d.Id).ToArray());
        if (plan.Upserts.Count > 0)
            AddUpsert(batch, tenant, plan.Upserts);
        batch.Add(
            CountDeletions,
            tenant,
            plan.Deletes.Select(static d => d.Id).ToArray(),
            plan.Deletes.Select(static d => d.Version).ToArray());
        batch.Add(SelectRecorded, tenant);

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        if (reader.GetInt64(0) != plan.Deletes.Count)
            throw new HistoryMissingException($"a deletion of tenant '{tenant}'");
        await reader.NextResultAsync(cancellationToken);
        return await ReadRowsAsync(reader, (row, recorded) => DemandRecorded(row, tenant, recorded.GetBoolean(10)), cancellationToken);
    }

    private static void AddUpsert(NpgsqlBatch batch, string tenant, IReadOnlyList<ProviderTarget> targets) => batch.Add(
        Upsert, tenant,
        Texts(targets, static t => t.Type), Texts(targets, static t => t.Name), Texts(targets, static t => t.ApiKey),
        Texts(targets, static t => t.ApiSecret), Texts(targets, static t => t.Priority),
        targets.Select(static t => t.Enabled).ToArray(), Texts(targets, static t => t.Config));

    private static NpgsqlParameter Texts(IReadOnlyList<ProviderTarget> targets, Func<ProviderTarget, string?> part) =>
        BatchExtensions.Typed(NpgsqlDbType.Array | NpgsqlDbType.Text, targets.Select(part).ToArray());

    private static void DemandRecorded(ProviderRow row, string tenant, bool recorded)
    {
        if (!recorded)
        {
            throw new HistoryMissingException(
                string.Create(CultureInfo.InvariantCulture, $"{row.Type}/{row.Name} of tenant '{tenant}' at version {row.Version}"));
        }
    }

    private static async Task<List<ProviderRow>> ReadRowsAsync(
        NpgsqlDataReader reader,
        Action<ProviderRow, NpgsqlDataReader> check,
        CancellationToken cancellationToken)
    {
        var rows = new List<ProviderRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new ProviderRow(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), Optional(reader, 3), Optional(reader, 4), reader.GetString(5),
                reader.GetBoolean(6), reader.GetString(7), reader.GetInt32(8), reader.GetFieldValue<DateTimeOffset>(9));
            check(row, reader);
            rows.Add(row);
        }

        return rows;
    }

    private static string? Optional(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
