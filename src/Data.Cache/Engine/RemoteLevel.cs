using System.Diagnostics.CodeAnalysis;
using Data.Cache.Redis;

namespace Data.Cache.Engine;

/// <summary>The second level: Redis behind its circuit breaker, the leases on factories, and the replay of what Redis missed.</summary>
internal sealed class RemoteLevel(RedisLink link, RedisStore store, Leases leases, Replayer replayer, OutageMode mode)
{
    public RedisStore Store => store;

    public Leases Leases => leases;

    public Replayer Replayer => replayer;

    /// <summary>Whether callers may ask Redis now.</summary>
    public bool IsUsable => link.Gate.IsOpen;

    /// <summary>Whether operations fail while Redis is disconnected.</summary>
    public bool IsStrict => mode == OutageMode.Strict;

    /// <summary>Fails an operation because Redis is disconnected, in strict mode.</summary>
    [DoesNotReturn]
    public static void ThrowUnavailable(string operation, Exception? cause) =>
        throw new CacheUnavailableException(
            $"Redis is not available: {operation} was not carried out. The outage mode is Strict; Local and NoOp continue without Redis.",
            cause);
}
