using System.Text.Json;
using ConfigurationService.Http;

namespace ConfigurationService.Providers;

/// <summary>
/// What a body says about one provider. What it does not say is null or absent, and what that means is the plan's to decide.
/// </summary>
internal sealed record ProviderDraft(
    string Type, string Name, string? Priority, bool? Enabled, JsonElement? Config, Given<string> ApiKey, Given<string> ApiSecret)
{
    /// <summary>A draft that says nothing.</summary>
    public static ProviderDraft Empty(string type, string name) =>
        new(type, name, null, null, null, Given<string>.Absent, Given<string>.Absent);

    /// <summary>A draft that only enables or disables.</summary>
    public static ProviderDraft Switch(string type, string name, bool enabled) => Empty(type, name) with { Enabled = enabled };

    public (string Type, string Name) Id => (Type, Name);

    public bool HasSecrets => ApiKey.Value is not null || ApiSecret.Value is not null;
}
