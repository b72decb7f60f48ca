using Data.Cache.Serialization;

namespace Data.Cache.Redis;

/// <summary>A value on its way to Redis. The envelope is split around its stamp, which the server fills in.</summary>
/// <param name="Name">Full name of the entry.</param>
/// <param name="Envelope">The envelope, with any stamp.</param>
/// <param name="TimeToLiveMs">When Redis may forget it.</param>
internal readonly record struct RemoteWrite(string Name, byte[] Envelope, long TimeToLiveMs)
{
    private static readonly byte[] TombstoneEnvelope =
        Serialization.Envelope.Write(new EnvelopeHeader(0, EnvelopeFlags.Tombstone, 0, 0, 0, []), default);

    public byte[] Head => Envelope[..Serialization.Envelope.StampOffset];

    public byte[] Tail => Envelope[Serialization.Envelope.TailOffset..];

    /// <summary>The mark of a removal: nothing older may be written over it while it lasts.</summary>
    public static RemoteWrite Tombstone(string name, TimeSpan window) => new(name, TombstoneEnvelope, (long)window.TotalMilliseconds);
}
