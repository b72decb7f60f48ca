using System.Text.Json.Serialization;

namespace ConfigurationService.Hub;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ServiceConfigView))]
[JsonSerializable(typeof(PublishView))]
[JsonSerializable(typeof(AuditPageView))]
[JsonSerializable(typeof(PublishBody))]
[JsonSerializable(typeof(ServiceRollbackBody))]
internal sealed partial class HubJson : JsonSerializerContext;
