using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Data.Cache.Redis;

internal enum BusMessageKind : byte
{
    /// <summary>A key was written or removed, or its lease was released. Body: full name.</summary>
    Key = 1,

    /// <summary>A tag was removed. Body: full name.</summary>
    Tag = 2,

    /// <summary>Keys were removed by pattern. Body: scope, a zero character, glob.</summary>
    Pattern = 3,

    /// <summary>The sender is alive and its messages arrive. Body: see <see cref="Redis.Heartbeat"/>.</summary>
    Heartbeat = 4,
}

/// <summary>A message on the invalidation channel. Bytes: kind 1, sender 8, number 8, stamp 8, body.</summary>
/// <param name="Kind">The kind of event.</param>
/// <param name="Sender">The node that caused it.</param>
/// <param name="Number">Sequence number of the sender's messages, so that a lost one is detected.</param>
/// <param name="Stamp">Time of the event by the server's clock.</param>
/// <param name="Body">The key, tag or pattern that the event is about.</param>
internal readonly record struct BusMessage(BusMessageKind Kind, long Sender, long Number, long Stamp, string Body)
{
    private const int HeadLength = 17;

    /// <summary>Returns the bytes before the stamp, which the server adds.</summary>
    public static byte[] Head(BusMessageKind kind, long sender, long number)
    {
        var head = new byte[HeadLength];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(1), sender);
        BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(9), number);
        return head;
    }

    public static bool TryRead([NotNullWhen(true)] byte[]? bytes, out BusMessage message)
    {
        message = default;
        if (bytes is null || bytes.Length < HeadLength + sizeof(long)
            || bytes[0] is < (byte)BusMessageKind.Key or > (byte)BusMessageKind.Heartbeat)
        {
            return false;
        }

        message = new BusMessage(
            (BusMessageKind)bytes[0],
            BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(1)),
            BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(9)),
            BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(HeadLength)),
            Encoding.UTF8.GetString(bytes.AsSpan(HeadLength + sizeof(long))));
        return true;
    }
}
