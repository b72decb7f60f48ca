namespace Data.Cache.Redis;

/// <summary>A value to be written to Redis. The envelope is split around its stamp, which the server adds.</summary>
/// <param name="Name">Full name of the entry.</param>
/// <param name="Envelope">The envelope, with any stamp.</param>
/// <param name="Epoch">The envelope's epoch.</param>
/// <param name="TimeToLiveMs">Lifetime in Redis, in milliseconds.</param>
internal readonly record struct RemoteWrite(string Name, byte[] Envelope, long Epoch, long TimeToLiveMs)
{
    public byte[] Head => Envelope[..Serialization.Envelope.StampOffset];

    public byte[] Tail => Envelope[Serialization.Envelope.TailOffset..];
}
