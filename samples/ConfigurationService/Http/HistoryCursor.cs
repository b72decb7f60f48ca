using System.Buffers.Binary;
using System.Buffers.Text;
using ConfigurationService.Errors;
using ConfigurationService.Schemas;

namespace ConfigurationService.Http;

/// <summary>An opaque place in a history: the sequence number of the last entry that was given out.</summary>
internal static class HistoryCursor
{
    public static readonly QueryParameter Parameter =
        new("cursor", new TextShape(1, 64) { Description = "next_cursor of the page before; absent for the newest." });

    public static string Of(long sequence)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, sequence);
        return Base64Url.EncodeToString(bytes);
    }

    public static long? Read(HttpRequest request)
    {
        if (QueryParameters.Text(request, Parameter) is not { } text)
            return null;
        Span<byte> bytes = stackalloc byte[64];
        if (Base64Url.IsValid(text) && Base64Url.TryDecodeFromChars(text, bytes, out var length) && length == 8)
            return BinaryPrimitives.ReadInt64BigEndian(bytes);
        throw new ProblemException(Problems.InvalidParameter, "cursor must be the next_cursor of an earlier page.");
    }
}
