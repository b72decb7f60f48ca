using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Data.Resilience.Repositories;

/// <summary>Writes the place of a row as an opaque token and reads it back.</summary>
/// <remarks>
/// The token is a direction, the row's key values as JSON, and 12 bytes of SHA-256 over both and over the order it was made for. That
/// catches alterations and cursors of other lists. It is no secret: a forged cursor can only name another place in a list whose filter
/// still holds.
/// </remarks>
internal static class CursorCodec
{
    private const int ChecksumLength = 12;
    private const int MaxLength = 4096;

    public static string Encode(string signature, bool backward, IReadOnlyList<KeysetColumn> columns, object?[] values)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        buffer.GetSpan(1)[0] = backward ? (byte)'<' : (byte)'>';
        buffer.Advance(1);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            for (var i = 0; i < values.Length; i++)
                JsonSerializer.Serialize(json, values[i], columns[i].Type);
            json.WriteEndArray();
        }

        Checksum(signature, buffer.WrittenSpan, buffer.GetSpan(ChecksumLength));
        buffer.Advance(ChecksumLength);
        return Base64Url.EncodeToString(buffer.WrittenSpan);
    }

    public static (bool Backward, object?[] Values) Decode(string signature, IReadOnlyList<KeysetColumn> columns, string cursor)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(Math.Min(cursor.Length, MaxLength))];
        if (cursor.Length > MaxLength
            || Base64Url.DecodeFromChars(cursor, bytes, out _, out var length) != OperationStatus.Done
            || length <= ChecksumLength + 1)
        {
            throw new InvalidCursorException("The cursor is malformed; pass one exactly as a page returned it.");
        }

        var content = bytes.AsSpan(0, length - ChecksumLength);
        Span<byte> expected = stackalloc byte[ChecksumLength];
        Checksum(signature, content, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, bytes.AsSpan(content.Length, ChecksumLength)))
            throw new InvalidCursorException("The cursor was altered, or belongs to a list in another order; start again without one.");

        try
        {
            using var json = JsonDocument.Parse(bytes.AsMemory(1, content.Length - 1));
            return (content[0] == (byte)'<', [.. json.RootElement.EnumerateArray()
                .Select((value, i) => value.Deserialize(columns[i].Type))]);
        }
        catch (JsonException e)
        {
            throw new InvalidCursorException("The cursor's values are of other types than the list's columns; start again without one.", e);
        }
    }

    private static void Checksum(string signature, ReadOnlySpan<byte> content, Span<byte> destination)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(content);
        hash.AppendData(Encoding.UTF8.GetBytes(signature));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        digest[..ChecksumLength].CopyTo(destination);
    }
}
