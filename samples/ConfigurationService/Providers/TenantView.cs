using System.ComponentModel;
using ConfigurationService.Http;

namespace ConfigurationService.Providers;

/// <summary>A tenant's whole configuration.</summary>
internal sealed record TenantView(
    [property: Description("The tenant.")] string TenantId,
    IReadOnlyList<ProviderView> MapProviders,
    IReadOnlyList<ProviderView> WeatherProviders,
    IReadOnlyList<ProviderView> SatelliteProviders,
    IReadOnlyList<ProviderView> PaymentProviders,
    IReadOnlyList<ProviderView> SmsProviders,
    IReadOnlyList<ProviderView> NotificationProviders)
{
    public static TenantView Of(string tenant, Func<string, IReadOnlyList<ProviderView>> ofType) => new(
        tenant, ofType("map"), ofType("weather"), ofType("satellite"), ofType("payment"), ofType("sms"), ofType("notification"));

    public IReadOnlyList<ProviderView> OfType(string type) => type switch
    {
        "map" => MapProviders,
        "weather" => WeatherProviders,
        "satellite" => SatelliteProviders,
        "payment" => PaymentProviders,
        "sms" => SmsProviders,
        "notification" => NotificationProviders,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such provider type."),
    };

    public bool IsEmpty() => ProviderTypes.All.All(type => OfType(type).Count == 0);

    public string Tag() => EntityTag.OfSet(
        TenantId, ProviderTypes.All.SelectMany(type => OfType(type).Select(p => ($"{type}/{p.ProviderName}", p.Version))));
}
