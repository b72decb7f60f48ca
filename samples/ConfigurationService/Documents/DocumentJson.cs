using System.Text.Json.Serialization;

namespace ConfigurationService.Documents;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DocumentsWritten))]
[JsonSerializable(typeof(DocumentMatches))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(bool))]
internal sealed partial class DocumentJson : JsonSerializerContext;
