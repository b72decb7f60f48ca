using System.ComponentModel;

namespace ConfigurationService.Providers;

/// <summary>A page of history, newest first.</summary>
internal sealed record HistoryPageView(
    string TenantId,
    IReadOnlyList<HistoryEntryView> History,
    [property: Description("Send as cursor to read on; null on the last page.")] string? NextCursor);
