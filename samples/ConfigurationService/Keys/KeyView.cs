using System.ComponentModel;

namespace ConfigurationService.Keys;

/// <summary>What may be shown of a key.</summary>
internal sealed record KeyView(
    Guid Id,
    [property: Description("Signs the history of what the key changes.")] string Name,
    [property: Description("How the key begins.")] string Hint,
    [property: Description("The tenant it belongs to; null for an administrator's.")] string? TenantId,
    IReadOnlyList<string> Scopes,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset? ExpiresAt);
