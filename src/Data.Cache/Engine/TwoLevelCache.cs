using Data.Cache.Fallback;
using Data.Cache.Internal;
using Data.Cache.Local;
using Data.Cache.Observation;
using Data.Cache.Redis;
using Data.Cache.Serialization;
using Data.Cache.Stampede;
using Data.Cache.Telemetry;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Data.Cache.Engine;

/// <summary>One cache: builds its parts, owns its connection and reports its statistics. Callers use it through views.</summary>
internal sealed class TwoLevelCache : IAsyncDisposable, IStatisticsSource
{
    private readonly DataCacheOptions _options;
    private readonly CacheCounters _counters;
    private readonly RedisLink? _link;
    private readonly ReplayQueue? _queue;
    private readonly DistributedGate? _gate;
    private readonly UnfinishedRemovals? _unfinished;
    private readonly DistributedLevel? _distributed;

    public TwoLevelCache(
        DataCacheOptions options,
        SerializerCatalog serializers,
        IEnumerable<ICacheObserver> observers,
        ILogger logger,
        TimeProvider time)
    {
        _options = options;
        _counters = new CacheCounters(CacheEvents.Create(options.KeyPrefix, observers, logger));
        var log = new CacheLog(logger);
        var clock = new MonotonicClock(time);
        var stamps = new StampClock(time, hasTimedEpochs: options.Distributed is not null);
        var codec = new EntryCodec(options, serializers, log);
        var lifetimes = new EntryLifetimes(options, clock);
        var flights = new FlightTable();
        Defaults = new EntryDefaults(options);
        Local = new LocalLevel(options.LocalSizeLimitBytes, _counters, clock);
        var fills = new FillTokens(Local.Store);
        var invalidation = new LocalInvalidation(flights, fills);
        var failSafe = new FailSafe(Local, fills, options.StaleRetryDelay, _counters, log, time);
        RemoteLevel? remote = null;
        RemotePatternRemoval? remotePatterns = null;
        ISecondLevelLookup? lookup = null;
        DistributedLevel? distributed = null;
        var outcome = new LookupOutcome(fills, failSafe, _counters);
        if (options.HasRedis)
        {
            var keys = new RedisKeys(options.KeyPrefix);
            var waiters = new KeyWaiters();
            _link = new RedisLink(options, keys, new LinkLog(logger, options.OutageMode, _counters.LinkChanges), stamps, time);
            _queue = new ReplayQueue(options, stamps);
            var store = new RedisStore(_link, keys, options, stamps);
            remotePatterns = new RemotePatternRemoval(_link, store, stamps, invalidation);
            remote = new RemoteLevel(
                _link,
                store,
                new Leases(store, waiters, stamps, options.LeaseDuration, time),
                new Replayer(_queue, _link, store, remotePatterns, log, time),
                options.OutageMode);
            var reader = new RemoteReader(remote, Local.Tags, codec, lifetimes, stamps, _counters);
            lookup = new RemoteLookup(remote, reader, outcome);
            Bypass = new LocalBypass(remote, reader, options.RemoteSoftTimeout, _counters, time);
            Local.IsUsable = options.OutageMode == OutageMode.Local;
            _link.Start(new RemoteEvents(options, Local, invalidation, waiters, stamps, _link, remote, _counters.Events));
        }

        if (options.Distributed is { } second)
        {
            _gate = new DistributedGate(options, _counters, logger, time);
            _unfinished = new UnfinishedRemovals(options.ReplayQueueLimit, () => Local.Tags.Removed("*", stamps.NextEpoch()));
            distributed = new DistributedLevel(
                second(),
                _gate,
                new RedisKeys(options.KeyPrefix),
                options,
                _unfinished,
                _counters,
                time);
            _distributed = distributed;
            var reader = new RemoteReader(remote, Local.Tags, codec, lifetimes, stamps, _counters);
            lookup = new DistributedLookup(distributed, reader, outcome);
        }

        var results = new ResultWriter(Defaults, codec, lifetimes, fills, remote, distributed, options.RemoteHardTimeout, _counters, time);
        var factories = new FactoryRunner(options.KeyPrefix, remote, results, failSafe, stamps, _counters, time);
        var creation = new ValueCreation(remote, lookup, factories, stamps, clock, _counters);
        var runner = new FlightRunner(
            Defaults,
            flights,
            fills,
            failSafe,
            lookup,
            creation,
            options.RemoteSoftTimeout,
            _counters,
            time);
        Reads = new RequestCoalescer(Local, flights, runner, _counters);
        Writer = new CacheWriter(codec, lifetimes, flights, fills, invalidation, remote, distributed, stamps, _counters);
        Extension = new EntryExtension(Local, fills, remote, distributed, _counters);
        Tags = new TagRemoval(Local.Tags, remote, stamps, _counters);
        Patterns = new PatternRemoval(Local.Store, invalidation, remote, remotePatterns, distributed is not null, stamps, _counters);
        Rejections = new KeyRejections(options.MaximumKeyLength, _counters, log);
        CacheMeter.Add(this);
    }

    public string Name => _options.KeyPrefix;

    public LocalLevel Local { get; }

    public EntryDefaults Defaults { get; }

    public RequestCoalescer Reads { get; }

    /// <summary>Reads that bypass the local level; null without Redis.</summary>
    public LocalBypass? Bypass { get; }

    public CacheWriter Writer { get; }

    public EntryExtension Extension { get; }

    public TagRemoval Tags { get; }

    public PatternRemoval Patterns { get; }

    public KeyRejections Rejections { get; }

    public OutageMode OutageMode => _options.OutageMode;

    /// <summary>Whether there is a second level and it does not answer.</summary>
    public bool IsDisconnected => _link is { Gate.IsOpen: false } || _gate is { IsUsable: false };

    /// <summary>
    /// The client's database while Redis answers, else null: for measurements over the connection that the cache itself uses.
    /// </summary>
    public IDatabase? Database => _link?.Gate.Ready;

    /// <summary>Completes when the first attempt to connect to Redis has ended.</summary>
    public Task FirstAttempt => _link?.FirstAttempt ?? Task.CompletedTask;

    public DataCacheStatistics Read() => new()
    {
        LocalHits = _counters.LocalHits.Value,
        RemoteHits = _counters.RemoteHits.Value,
        StaleHits = _counters.StaleHits.Value,
        Misses = _counters.Misses.Value,
        Bypasses = _counters.Bypasses.Value,
        FactoryRuns = _counters.FactoryRuns.Value,
        FactoryFailures = _counters.FactoryFailures.Value,
        Invalidations = _counters.Invalidations.Value,
        Evictions = _counters.Evictions.Value,
        RemoteFailures = _counters.RemoteFailures.Value,
        LinkChanges = _counters.LinkChanges.Value,
        LocalEntries = Local.Store.Count,
        LocalBytes = Local.Store.Bytes,
        ReplayQueueCount = _queue?.Count ?? _unfinished?.Count ?? 0,
        Link = _link?.State ?? _gate?.State ?? CacheLinkState.None,
        LinkFault = _link?.Fault ?? _gate?.Fault,
        OutageMode = _options.OutageMode,
    };

    public ValueTask DisposeAsync()
    {
        CacheMeter.Remove(this);
        _distributed?.Dispose();
        return _link?.DisposeAsync() ?? default;
    }
}
