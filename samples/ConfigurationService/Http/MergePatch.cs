using System.Text.Json;
using System.Text.Json.Nodes;

namespace ConfigurationService.Http;

/// <summary>JSON merge patch, RFC 7396: members of the patch replace, null removes, objects merge.</summary>
internal static class MergePatch
{
    public static string Apply(string target, JsonElement patch) =>
        (Merge(JsonNode.Parse(target), patch) ?? new JsonObject()).ToJsonString();

    private static JsonNode? Merge(JsonNode? target, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
            return JsonNode.Parse(patch.GetRawText());
        var merged = target as JsonObject ?? [];
        foreach (var member in patch.EnumerateObject())
        {
            var before = merged[member.Name];
            merged.Remove(member.Name);
            if (member.Value.ValueKind != JsonValueKind.Null)
                merged[member.Name] = Merge(before, member.Value);
        }

        return merged;
    }
}
