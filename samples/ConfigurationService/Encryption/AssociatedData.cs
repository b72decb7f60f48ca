using System.Buffers.Binary;
using System.Text;

namespace ConfigurationService.Encryption;

/// <summary>The context that a ciphertext is bound to. Each part carries its length, so that no two contexts read the same.</summary>
internal static class AssociatedData
{
    public static byte[] Of(params ReadOnlySpan<string> parts)
    {
        var size = 0;
        foreach (var part in parts)
            size += sizeof(int) + Encoding.UTF8.GetByteCount(part);
        var bytes = new byte[size];
        var rest = bytes.AsSpan();
        foreach (var part in parts)
        {
            var length = Encoding.UTF8.GetBytes(part, rest[sizeof(int)..]);
            BinaryPrimitives.WriteInt32BigEndian(rest, length);
            rest = rest[(sizeof(int) + length)..];
        }

        return bytes;
    }
}
