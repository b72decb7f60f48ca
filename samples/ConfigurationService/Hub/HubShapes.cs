using System.Text.Json;
using ConfigurationService.Http;
using ConfigurationService.Schemas;

namespace ConfigurationService.Hub;

/// <summary>The bodies of the hub, and its parameters.</summary>
internal static class HubShapes
{
    public const string Config = "config";

    public static readonly WholeShape Version = new(1, int.MaxValue) { Description = "The version whose content comes back." };

    // The last two are what an answer has: what was read can be sent back as it is.
    public static readonly BodyDeclaration Publish = new(
        new ObjectShape("PublishBody", [
            new(Config, new MapShape { Description = "The service's settings; replaces what was there." }, Required: true),
            new("service_name", ServiceName.Shape with { Nullable = true, Description = "Optional; must equal the service in the path." }),
            new("description", new TextShape(1, 2000)
            {
                HasLines = true, Nullable = true, Description = "Absent keeps the stored one, null removes it.",
            }),
            new("tags", new ArrayShape(new TextShape(1, 100), 0, 50) { Nullable = true, Description = "Absent keeps the stored ones." }),
            new("version", Version with { ReadOnly = true, Nullable = true, Description = null }),
            new("updated_at", new WholeShape(0, long.MaxValue) { ReadOnly = true, Nullable = true }),
        ]),
        [MediaType.Json])
    {
        // Callers of the old hub send the settings themselves.
        Choose = static root => IsBare(root) ? new MapShape() : null,
    };

    public static readonly ObjectShape Rollback = new("ServiceRollbackBody", [new("version", Version, Required: true)]);

    public static readonly QueryParameter Limit =
        new("limit", new WholeShape(1, 100) { Default = 10, Description = "Most entries; an answer of large entries has fewer." });

    public static readonly QueryParameter[] History = [Limit, HistoryCursor.Parameter];

    /// <summary>Whether a body is the configuration itself.</summary>
    public static bool IsBare(JsonElement root) => root.ValueKind == JsonValueKind.Object && !root.TryGetProperty(Config, out _);
}
