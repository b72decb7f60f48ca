using System.Text.Json.Serialization;

namespace ConfigurationService.Persistence;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ChainView))]
internal sealed partial class ChainJson : JsonSerializerContext;
