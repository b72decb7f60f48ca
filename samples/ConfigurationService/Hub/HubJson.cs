using System.Text.Json.Serialization;

namespace ConfigurationService.Hub;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ServiceConfigView))]
[JsonSerializable(typeof(PublishView))]
[JsonSerializable(typeof(AuditPageView))]
internal sealed partial class HubJson : JsonSerializerContext;
