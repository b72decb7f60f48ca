using System.ComponentModel;

namespace ConfigurationService.Keys;

/// <summary>A key that was just made, with its text: shown this once.</summary>
internal sealed record NewKeyView(
    Guid Id, string Name, [property: Description("The key itself. It is stored as a hash and cannot be shown again.")] string Key,
    string? TenantId, IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt);
