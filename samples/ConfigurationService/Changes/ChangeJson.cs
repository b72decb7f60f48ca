using System.Text.Json.Serialization;

namespace ConfigurationService.Changes;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ChangeNotice))]
internal sealed partial class ChangeJson : JsonSerializerContext;
