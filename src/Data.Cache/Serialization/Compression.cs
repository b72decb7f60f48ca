using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Data.Cache.Serialization;

/// <summary>Brotli at its fastest, behind the length of the original.</summary>
internal static class Compression
{
    private const int Quality = 1;
    private const int Window = 18;

    /// <summary>Compresses, or returns null when that does not save at least an eighth.</summary>
    public static byte[]? TryCompress(ReadOnlySpan<byte> plain)
    {
        var limit = plain.Length - (plain.Length / 8);
        var buffer = ArrayPool<byte>.Shared.Rent(limit + sizeof(int));
        try
        {
            BinaryPrimitives.WriteInt32BigEndian(buffer, plain.Length);
            return BrotliEncoder.TryCompress(plain, buffer.AsSpan(sizeof(int), limit), out var written, Quality, Window)
                ? buffer.AsSpan(0, written + sizeof(int)).ToArray()
                : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Decompresses, or returns null for what is damaged or larger than the limit.</summary>
    public static byte[]? TryDecompress(ReadOnlySpan<byte> packed, int limit)
    {
        if (packed.Length < sizeof(int))
            return null;
        var length = BinaryPrimitives.ReadInt32BigEndian(packed);
        if (length < 0 || length > limit)
            return null;
        var plain = new byte[length];
        return BrotliDecoder.TryDecompress(packed[sizeof(int)..], plain, out var written) && written == length ? plain : null;
    }
}
