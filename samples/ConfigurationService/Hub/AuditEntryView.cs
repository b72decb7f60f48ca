using System.ComponentModel;
using System.Text.Json;

namespace ConfigurationService.Hub;

/// <summary>One entry of a service's audit log.</summary>
internal sealed record AuditEntryView(
    long Id, string ServiceName, JsonElement Config, int Version,
    [property: Description("created, updated, deleted or rollback.")] string Action,
    [property: Description("The version whose content a rollback brought back; null for any other change.")] int? RolledBackTo,
    string ChangedBy,
    [property: Description("Milliseconds since 1970-01-01 UTC.")] long ChangedAt,
    string? Reason, string? Description, IReadOnlyList<string> Tags);
