using System.Text.Json;

namespace ConfigurationService.Changes;

/// <summary>What a trigger says of a statement that changed rows.</summary>
/// <param name="Table">The table.</param>
/// <param name="Scope">Whose rows: a tenant, a service, the hash of a key; null when they are several's.</param>
/// <param name="Version">The newest version among the changed rows; null where rows have none.</param>
internal sealed record ChangeNotice(string Table, string? Scope, int? Version)
{
    /// <summary>The notice in a payload; null when it is none, as anybody may send to the channel.</summary>
    public static ChangeNotice? Parse(string payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, ChangeJson.Default.ChangeNotice) is { Table: not null } notice ? notice : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
