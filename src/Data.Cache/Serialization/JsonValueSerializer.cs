using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Data.Cache.Serialization;

/// <summary>System.Text.Json through the type's contract, source-generated where the application provides a context.</summary>
/// <typeparam name="T">The type.</typeparam>
internal sealed class JsonValueSerializer<T>(JsonTypeInfo<T> contract) : ValueSerializer<T>
{
    public override ulong Schema { get; } = SchemaStamp.OfContract(contract);

    public override bool IsExact { get; } =
        typeof(T).IsPrimitive || typeof(T).IsEnum || typeof(T) == typeof(Guid) || typeof(T) == typeof(decimal);

    public override void Write(T value, IBufferWriter<byte> target)
    {
        using var writer = new Utf8JsonWriter(target, new JsonWriterOptions { SkipValidation = true, Encoder = contract.Options.Encoder });
        JsonSerializer.Serialize(writer, value, contract);
    }

    public override T Read(ReadOnlyMemory<byte> payload) => JsonSerializer.Deserialize(payload.Span, contract)!;
}
