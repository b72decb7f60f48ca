using System.ComponentModel;
using System.Text.Json;

namespace ConfigurationService.Providers;

/// <summary>One entry of a tenant's history; secrets are masked to whether there was one.</summary>
internal sealed record HistoryEntryView(
    [property: Description("Place in the tenant's chain; counts from 1 without gaps.")] long Sequence,
    Guid ConfigId,
    string ProviderType,
    string ProviderName,
    [property: Description("Version of the configuration after the change.")] int Version,
    [property: Description("created, updated, deleted, enabled or disabled.")] string ChangeType,
    [property: Description("The version whose content a rollback brought back; null for any other change.")] int? RolledBackTo,
    DateTimeOffset ChangedAt,
    [property: Description("Name of the API key, or the database login of a change by SQL.")] string ChangedBy,
    [property: Description("What X-Change-Reason said.")] string? ChangeReason,
    string Priority,
    bool Enabled,
    bool HasApiKey,
    bool HasApiSecret,
    JsonElement Config);
