using System.Text.Json;

namespace Data.Resilience.Idempotency;

/// <summary>Stores results as JSON in UTF-8.</summary>
/// <param name="options">Settings of the serializer; null means those of <see cref="JsonSerializerOptions.Default"/>.</param>
/// <remarks>Safe for concurrent use. The default.</remarks>
public sealed class JsonIdempotencySerializer(JsonSerializerOptions? options = null) : IIdempotencySerializer
{
    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">There is no JSON form of the type.</exception>
    /// <exception cref="JsonException">The result refers to itself, or is nested too deeply.</exception>
    public byte[] Serialize<TResult>(TResult result) => JsonSerializer.SerializeToUtf8Bytes(result, options);

    /// <inheritdoc/>
    /// <exception cref="JsonException">The bytes are not the JSON form of the type.</exception>
    public TResult Deserialize<TResult>(byte[] stored) => JsonSerializer.Deserialize<TResult>(stored, options)!;
}
