using System.ComponentModel;
using System.Text.Json;

namespace ConfigurationService.Providers;

/// <summary>
/// The OpenAPI description of one provider in a body. Bodies are read by <see cref="ProviderBody"/>, which tells absent from null.
/// </summary>
internal sealed record ProviderItemBody(
    [property: Description("1 to 100 lower-case letters, digits, '_', '-' and '.'.")] string ProviderName,
    [property: Description("primary (default), secondary or tertiary.")] string? Priority,
    [property: Description("Whether the provider may be used; default true.")] bool? Enabled,
    [property: Description("Settings; must not hold secrets.")] JsonElement? Config,
    [property: Description("Stored encrypted and never answered. Absent keeps the stored one, null removes it.")] string? ApiKey,
    [property: Description("Stored encrypted and never answered. Absent keeps the stored one, null removes it.")] string? ApiSecret);
