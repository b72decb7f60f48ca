using System.ComponentModel;
using System.Text.Json;

namespace ConfigurationService.Providers;

/// <summary>What callers may see of a provider's configuration: everything but its secrets.</summary>
internal sealed record ProviderView(
    [property: Description("Identity of the configuration; survives deletion and re-creation.")] Guid Id,
    [property: Description("Name of the provider, e.g. openstreetmap.")] string ProviderName,
    [property: Description("primary, secondary or tertiary: the order of failover.")] string Priority,
    [property: Description("Whether the provider may be used.")] bool Enabled,
    [property: Description("Whether an API key is stored. The key itself is never answered.")] bool HasApiKey,
    [property: Description("Whether an API secret is stored. The secret itself is never answered.")] bool HasApiSecret,
    [property: Description("Settings of the provider.")] JsonElement Config,
    [property: Description("Counts the changes; the ETag of this provider.")] int Version,
    [property: Description("When it changed last.")] DateTimeOffset UpdatedAt);
