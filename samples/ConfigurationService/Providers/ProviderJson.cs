using System.Text.Json.Serialization;

namespace ConfigurationService.Providers;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TenantView))]
[JsonSerializable(typeof(ProviderList))]
[JsonSerializable(typeof(HistoryPageView))]
internal sealed partial class ProviderJson : JsonSerializerContext;
