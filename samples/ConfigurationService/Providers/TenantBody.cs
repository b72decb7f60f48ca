using System.ComponentModel;

namespace ConfigurationService.Providers;

/// <summary>The OpenAPI description of a tenant's document in a body.</summary>
internal sealed record TenantBody(
    [property: Description("Optional; must equal the tenant of the path.")] string? TenantId,
    IReadOnlyList<ProviderItemBody>? MapProviders,
    IReadOnlyList<ProviderItemBody>? WeatherProviders,
    IReadOnlyList<ProviderItemBody>? SatelliteProviders,
    IReadOnlyList<ProviderItemBody>? PaymentProviders,
    IReadOnlyList<ProviderItemBody>? SmsProviders,
    IReadOnlyList<ProviderItemBody>? NotificationProviders);
