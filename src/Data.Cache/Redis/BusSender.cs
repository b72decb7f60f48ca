using System.Security.Cryptography;

namespace Data.Cache.Redis;

/// <summary>Identifies this node on the invalidation channel and numbers its messages.</summary>
internal sealed class BusSender
{
    private long _number;

    public long Id { get; } = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    /// <summary>Numbers the next message and returns the bytes before its stamp.</summary>
    public byte[] Next(BusMessageKind kind) => BusMessage.Head(kind, Id, Interlocked.Increment(ref _number));
}
