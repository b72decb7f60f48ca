using System.ComponentModel;

namespace ConfigurationService.Hub;

/// <summary>The newest entries of a service's audit log.</summary>
internal sealed record AuditPageView(
    string ServiceName,
    IReadOnlyList<AuditEntryView> History,
    [property: Description("How many entries there are in all.")] long Total,
    [property: Description("Send as cursor to read on; null on the last page.")] string? NextCursor);
