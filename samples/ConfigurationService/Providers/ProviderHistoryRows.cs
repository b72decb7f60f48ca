using System.Text.Json;
using ConfigurationService.Errors;
using ConfigurationService.Http;
using ConfigurationService.Persistence;
using Npgsql;
using NpgsqlTypes;

namespace ConfigurationService.Providers;

/// <summary>The statements on <c>config_versions</c>, which the application can read and never write.</summary>
internal static class ProviderHistoryRows
{
    private const string SelectTarget =
        """
        SELECT provider_type, provider_name, api_key, api_secret, priority, enabled, config_data::text, change_type
        FROM config_versions WHERE tenant_id = $1 AND config_id = $2 AND version = $3
        """;

    // Ciphertext is not even read: what is not in the process cannot be answered by mistake.
    private const string SelectPage =
        """
        SELECT sequence, config_id, provider_type, provider_name, version, change_type, rolled_back_to,
          changed_at, changed_by, change_reason,
               priority, enabled, api_key IS NOT NULL, api_secret IS NOT NULL, config_data::text
        FROM config_versions
        WHERE tenant_id = $1 AND sequence < $2 AND ($3::text IS NULL OR provider_type = $3) AND ($4::text IS NULL OR provider_name = $4)
        ORDER BY sequence DESC LIMIT $5
        """;

    /// <summary>The content of one version, as a target to bring it back.</summary>
    public static async Task<ProviderTarget> ReadTargetAsync(
        NpgsqlConnection connection, string tenant, Guid configId, int version, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(SelectTarget, tenant, configId, version);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            throw new ProblemException(Problems.VersionNotFound, $"The configuration {configId} has no version {version}.");
        if (reader.GetString(7) == "deleted")
        {
            throw new ProblemException(
                Problems.VersionIsDeletion,
                $"Version {version} records the deletion; roll back to an earlier one, or DELETE the provider.");
        }

        return new ProviderTarget(
            reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ?
                null :
                reader.GetString(3),
            reader.GetString(4), reader.GetBoolean(5), reader.GetString(6));
    }

    /// <summary>One page: at most the limit, and fewer when their settings are large.</summary>
    public static async Task<HistoryPageView> ReadPageAsync(
        NpgsqlConnection connection, string tenant, HistoryQuery query, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            SelectPage, tenant, query.Before ?? long.MaxValue, BatchExtensions.Typed(NpgsqlDbType.Text, query.Type),
            BatchExtensions.Typed(NpgsqlDbType.Text, query.Name), query.Limit + 1);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var entries = new List<HistoryEntryView>();
        var characters = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (entries.Count == query.Limit || characters > AnswerSize.PageCharacters)
                return new HistoryPageView(tenant, entries, HistoryCursor.Of(entries[^1].Sequence));
            var config = reader.GetString(14);
            entries.Add(Entry(reader, config));
            characters += config.Length;
        }

        return new HistoryPageView(tenant, entries, NextCursor: null);
    }

    private static HistoryEntryView Entry(NpgsqlDataReader reader, string config) => new(
        reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetInt32(4), reader.GetString(5),
        reader.IsDBNull(6) ? null : reader.GetInt32(6), reader.GetFieldValue<DateTimeOffset>(7), reader.GetString(8),
        reader.IsDBNull(9) ? null : reader.GetString(9), reader.GetString(10), reader.GetBoolean(11), reader.GetBoolean(12),
        reader.GetBoolean(13), JsonElement.Parse(config));
}
