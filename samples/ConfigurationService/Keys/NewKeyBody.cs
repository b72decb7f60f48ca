using System.ComponentModel;

namespace ConfigurationService.Keys;

/// <summary>The OpenAPI description of a request for a key.</summary>
internal sealed record NewKeyBody(
    [property: Description("1 to 100 characters; signs the history.")] string Name,
    [property: Description("The tenant it belongs to; absent for an administrator's key.")] string? TenantId,
    [property: Description("Of read, write and (only without a tenant) admin.")] IReadOnlyList<string> Scopes,
    [property: Description("1 to 3650 days; default 365.")] int? ExpiresInDays);
