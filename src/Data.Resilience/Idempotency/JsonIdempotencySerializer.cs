using System.Text.Json;

namespace Data.Resilience.Idempotency;

/// <summary>Stores results as JSON in UTF-8.</summary>
/// <param name="options">
/// Settings of the serializer, for instance those of a source-generated context; copied. Null means those of
/// <see cref="JsonSerializerOptions.Default"/>. Public fields are stored whatever
/// <see cref="JsonSerializerOptions.IncludeFields"/> says, so that tuples come back.
/// </param>
/// <remarks>
/// Safe for concurrent use. The default. A result that JSON cannot give back as it was is refused before anything is committed: a derived
/// type whose declared base does not name it by <c>JsonDerivedType</c>, a member declared as <see cref="object"/>, a type whose state JSON
/// does not reach, and a value that differs when it is read back. What a type leaves out by <c>JsonIgnore</c>, and private state beside
/// public members, cannot be noticed.
/// </remarks>
public sealed class JsonIdempotencySerializer(JsonSerializerOptions? options = null) : IIdempotencySerializer
{
    private readonly JsonSerializerOptions _options = FaithfulJson.Of(options);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">JSON cannot give the result back.</exception>
    /// <exception cref="JsonException">The result refers to itself, or is nested too deeply.</exception>
    public byte[] Serialize<TResult>(TResult result) => JsonSerializer.SerializeToUtf8Bytes(result, _options);

    /// <inheritdoc/>
    /// <exception cref="JsonException">The bytes are not the JSON form of the type.</exception>
    public TResult Deserialize<TResult>(byte[] stored) => JsonSerializer.Deserialize<TResult>(stored, _options)!;

    /// <inheritdoc/>
    /// <exception cref="JsonException">The bytes are not the JSON form of the type.</exception>
    /// <exception cref="NotSupportedException">The type cannot be read, or the value that is read differs from what was stored.</exception>
    public void Verify<TResult>(byte[] stored)
    {
        var again = Serialize(Deserialize<TResult>(stored));
        if (again.AsSpan().SequenceEqual(stored))
            return;

        // The order of a dictionary's keys means nothing.
        using var before = JsonDocument.Parse(stored);
        using var after = JsonDocument.Parse(again);
        if (!JsonElement.DeepEquals(before.RootElement, after.RootElement))
            throw new NotSupportedException("What is read back differs, as a property without setter or constructor parameter does");
    }
}
