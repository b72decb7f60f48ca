using System.Text.Json;
using ConfigurationService.Http;
using ConfigurationService.Persistence;
using Npgsql;

namespace ConfigurationService.Hub;

/// <summary>The statements on <c>config_audit_log</c>, which the application can read and never write.</summary>
internal static class AuditLogRows
{
    private const string SelectPage =
        """
        SELECT id, service_name, config::text, version, action, rolled_back_to, changed_by, changed_at, reason, description, tags, sequence
        FROM config_audit_log WHERE service_name = $1 AND sequence < $3 ORDER BY sequence DESC LIMIT $2
        """;

    private const string Count = "SELECT count(*) FROM config_audit_log WHERE service_name = $1";

    public static async Task<AuditPageView> ReadAsync(
        NpgsqlConnection connection,
        string service,
        int limit,
        long? before,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(Count, service);
        batch.Add(SelectPage, service, limit + 1, before ?? long.MaxValue);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var total = reader.GetInt64(0);
        await reader.NextResultAsync(cancellationToken);
        var entries = new List<AuditEntryView>();
        var (last, characters) = (0L, 0);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (entries.Count == limit || characters > AnswerSize.PageCharacters)
                return new AuditPageView(service, entries, total, HistoryCursor.Of(last));
            var config = reader.GetString(2);
            entries.Add(Entry(reader, config));
            characters += config.Length;
            last = reader.GetInt64(11);
        }

        return new AuditPageView(service, entries, total, NextCursor: null);
    }

    private static AuditEntryView Entry(NpgsqlDataReader reader, string config) => new(
        reader.GetInt64(0), reader.GetString(1), JsonElement.Parse(config), reader.GetInt32(3), reader.GetString(4),
        reader.IsDBNull(5) ? null : reader.GetInt32(5), reader.GetString(6),
        reader.GetFieldValue<DateTimeOffset>(7).ToUnixTimeMilliseconds(), reader.IsDBNull(8) ? null : reader.GetString(8),
        reader.IsDBNull(9) ? null : reader.GetString(9), reader.GetFieldValue<string[]>(10));
}
