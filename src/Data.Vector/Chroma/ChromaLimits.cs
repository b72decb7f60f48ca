using System.Text.Json;

namespace Data.Vector.Chroma;

/// <summary>What the server says about itself before the first write.</summary>
internal sealed record ChromaLimits(int MaxBatchSize, bool SupportsBase64)
{
    private const int FallbackBatchSize = 1_000;

    public static ChromaLimits From(JsonElement root) => new(
        root.TryGetProperty("max_batch_size", out var size) && size.TryGetInt32(out var count) && count > 0 ? count : FallbackBatchSize,
        root.TryGetProperty("supports_base64_encoding", out var base64) && base64.ValueKind == JsonValueKind.True);
}
