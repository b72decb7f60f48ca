using System.Text.Json.Serialization;

namespace ConfigurationService.Hosting;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RootDocument))]
internal sealed partial class RootJson : JsonSerializerContext;
