using ConfigurationService.Errors;
using ConfigurationService.Persistence;
using Npgsql;
using NpgsqlTypes;

namespace ConfigurationService.Hub;

/// <summary>The statements on <c>service_configs</c>. Each method is one round trip inside the caller's transaction.</summary>
internal static class ServiceConfigRows
{
    private const string Columns = "c.service_name, c.config_json::text, c.version, c.updated_at, c.description, c.tags, c.active";

    private const string Select = $"SELECT {Columns} FROM service_configs c WHERE c.service_name = $1";

    private const string Upsert =
        """
        INSERT INTO service_configs (service_name, config_json, description, tags, active) VALUES ($1, $2::jsonb, $3, $4, $5)
        ON CONFLICT (service_name) DO UPDATE SET
            config_json = excluded.config_json, description = excluded.description, tags = excluded.tags, active = excluded.active
        """;

    // What is there now, and whether the audit log says the same: the triggers are trusted, and checked.
    private const string SelectRecorded =
        $"""
        SELECT {Columns},
            a.id IS NOT NULL AND (a.config, a.description, a.tags, a.action = 'deleted') IS NOT DISTINCT FROM
                                 (c.config_json, c.description, c.tags, NOT c.active)
        FROM service_configs c LEFT JOIN config_audit_log a ON a.service_name = c.service_name AND a.version = c.version
        WHERE c.service_name = $1
        """;

    private const string SelectTarget =
        "SELECT a.service_name, a.config::text, a.version, a.changed_at, a.description, a.tags, a.action <> 'deleted' FROM "
        + "config_audit_log a WHERE a.service_name = $1 AND a.version = $2";

    public static async Task<ServiceConfigRow?> ReadAsync(NpgsqlConnection connection, string service, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(Select, service);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Row(reader) : null;
    }

    /// <summary>Announces a change, locks the service against other writers and reads its row.</summary>
    public static async Task<ServiceConfigRow?> LockAsync(
        NpgsqlConnection connection,
        string service,
        Change change,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        change.AddTo(batch, $"service:{service}");
        batch.Add(Select, service);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Row(reader) : null;
    }

    /// <summary>The content of one version.</summary>
    public static async Task<ServiceConfigRow> ReadVersionAsync(
        NpgsqlConnection connection,
        string service,
        int version,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(SelectTarget, service, version);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            throw new ProblemException(Problems.VersionNotFound, $"The service '{service}' has no version {version}.");
        var row = Row(reader);
        return row.Active
            ? row
            : throw new ProblemException(
                Problems.VersionIsDeletion,
                $"Version {version} records the deletion; roll back to an earlier one, or DELETE the service.");
    }

    /// <summary>Brings the row to its target state and returns it, verified to be in the audit log.</summary>
    /// <exception cref="HistoryMissingException">The change is not in the audit log.</exception>
    public static async Task<ServiceConfigRow> ApplyAsync(
        NpgsqlConnection connection,
        ServiceConfigRow target,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            Upsert, target.Service, target.Config, BatchExtensions.Typed(NpgsqlDbType.Text, target.Description), target.Tags, target
                .Active);
        batch.Add(SelectRecorded, target.Service);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken) || !reader.GetBoolean(7))
            throw new HistoryMissingException($"the service '{target.Service}'");
        return Row(reader);
    }

    private static ServiceConfigRow Row(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.GetFieldValue<DateTimeOffset>(3),
        reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetFieldValue<string[]>(5), reader.GetBoolean(6));
}
