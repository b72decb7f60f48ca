using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Data.Cache.Fallback;
using Data.Cache.Internal;
using Data.Cache.Invalidation;
using Data.Cache.Local;
using Data.Cache.Redis;
using Data.Cache.Serialization;
using Data.Cache.Stampede;
using Data.Cache.Telemetry;
using Microsoft.Extensions.Logging;

namespace Data.Cache.Engine;

/// <summary>The parts of one cache and what they share. Views of tenants and namespaces all lead here.</summary>
internal sealed class CacheCore : IAsyncDisposable, IStatisticsSource
{
    private volatile bool _localUsable = true;

    public CacheCore(DataCacheOptions options, SerializerCatalog serializers, ILogger logger, TimeProvider time)
    {
        Options = options;
        Serializers = serializers;
        Log = new CacheLog(logger);
        Time = time;
        Clock = new MonotonicClock(time);
        Stamps = new StampClock(time);
        Defaults = new EntryDefaults(options);
        Local = new LocalStore(options.LocalSizeLimitBytes, Counters.Evictions, Clock);
        Fence = new PutFence(Local);
        Entries = new EntryFactory(this);
        Reader = new RemoteReader(this);
        Writer = new CacheWriter(this);
        CacheMeter.Add(this);
        if (options.Configuration is null)
            return;
        var keys = new RedisKeys(options.KeyPrefix);
        Link = new RedisLink(options, keys, new LinkJournal(logger, options.OutageMode, Counters.LinkChanges), Stamps);
        Store = new RedisStore(Link, keys, options, Stamps);
        Replay = new ReplayQueue(options, Stamps);
        _localUsable = options.OutageMode == OutageMode.Local;
        Link.Start(new RemoteEvents(this));
    }

    public string Name => Options.KeyPrefix;

    public DataCacheOptions Options { get; }

    public SerializerCatalog Serializers { get; }

    public CacheLog Log { get; }

    public TimeProvider Time { get; }

    public MonotonicClock Clock { get; }

    public StampClock Stamps { get; }

    public EntryDefaults Defaults { get; }

    public CacheCounters Counters { get; } = new();

    public LocalStore Local { get; }

    public PutFence Fence { get; }

    public TagStamps Tags { get; } = new();

    public ConcurrentDictionary<string, Flight> Flights { get; } = new(StringComparer.Ordinal);

    public KeyWaiters Waiters { get; } = new();

    public EntryFactory Entries { get; }

    public RemoteReader Reader { get; }

    public CacheWriter Writer { get; }

    public RedisLink? Link { get; }

    public RedisStore? Store { get; }

    public ReplayQueue? Replay { get; }

    /// <summary>Whether callers may ask Redis now.</summary>
    public bool RemoteUsable => Link is { Gate.IsOpen: true };

    /// <summary>Whether Redis is configured and does not answer.</summary>
    public bool IsAway => Link is { Gate.IsOpen: false };

    /// <summary>Whether a Redis that is away lets operations fail.</summary>
    public bool IsStrict => Link is not null && Options.OutageMode == OutageMode.Strict;

    /// <summary>
    /// Finds an entry of this process that is fresh. The path every hit takes: no lock, no allocation, and nothing generic in it.
    /// </summary>
    public LocalEntry? FindLocal(string scope, ReadOnlySpan<char> key, uint hash) =>
        Local.TryGet(scope, key, hash, out var entry) && IsFresh(entry) ? entry : null;

    /// <summary>Whether an entry has not been invalidated since it was made, whatever its age.</summary>
    public bool IsValid(LocalEntry entry)
    {
        if (!_localUsable)
            return false;
        var version = Tags.Version;
        if (entry.CheckedVersion == version)
            return true;
        if (Tags.Judge(entry.Tags, entry.Life.Epoch) != TagVerdict.Valid)
            return false;
        entry.CheckedVersion = version;
        return true;
    }

    /// <summary>Lets the local level answer, or not.</summary>
    public void UseLocal(bool usable) => _localUsable = usable;

    /// <summary>Lets no further caller join a run whose result would be out of date.</summary>
    public void CloseFlight(string name)
    {
        if (Flights.TryRemove(name, out var flight))
            flight.Close();
    }

    /// <summary>Fails an operation because Redis is away, in strict mode.</summary>
    [DoesNotReturn]
    public static void ThrowUnavailable(string operation, Exception? cause) =>
        throw new CacheUnavailableException(
            $"Redis is away: {operation} was not done. The outage mode is Strict; Local or NoOp would go on without it.",
            cause);

    public DataCacheStatistics Read() => Statistics.Of(this);

    public ValueTask DisposeAsync()
    {
        CacheMeter.Remove(this);
        return Link?.DisposeAsync() ?? default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsFresh(LocalEntry entry) =>
        Clock.Milliseconds < entry.EagerAt && ((_localUsable && entry.CheckedVersion == Tags.Version) || IsValid(entry));
}
