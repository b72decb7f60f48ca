using System.Diagnostics.Metrics;

namespace Data.Cache.Telemetry;

/// <summary>The meter <c>Data.Cache</c>. Counters are read when they are collected, so that a hit pays for one addition only.</summary>
internal static class CacheMeter
{
    public const string Name = "Data.Cache";
    private const string CacheTag = "data.cache.name";
    private const string OutcomeTag = "data.cache.outcome";
    private const string FormTag = "data.cache.payload.form";
    private static readonly Meter Meter = new(Name);
    private static readonly Lock Guard = new();
    private static readonly List<WeakReference<IStatisticsSource>> Sources = [];

    private static readonly Histogram<double> FactoryDuration = Meter.CreateHistogram<double>(
        "data.cache.factory.duration",
        "s",
        "Duration of factories.");
    private static readonly Histogram<long> PayloadSize = Meter.CreateHistogram<long>(
        "data.cache.payload.size",
        "By",
        "Serialised size of values written to Redis, before and after compression.");
    private static readonly Counter<long> LlmRequests = Meter.CreateCounter<long>(
        "data.cache.llm.requests",
        "{request}",
        "Requests for responses of language models.");
    private static readonly Counter<long> LlmTokens = Meter.CreateCounter<long>(
        "data.cache.llm.saved_tokens",
        "{token}",
        "Tokens that cached responses saved.");

    static CacheMeter()
    {
        Meter.CreateObservableCounter("data.cache.requests", Requests, "{request}", "Reads and writes.");
        Count("data.cache.factory.runs", "{run}", "Factories started.", static s => s.FactoryRuns);
        Count("data.cache.factory.failures", "{run}", "Factories that failed or timed out.", static s => s.FactoryFailures);
        Count("data.cache.invalidations", "{invalidation}", "Keys, tags and patterns removed.", static s => s.Invalidations);
        Count("data.cache.evictions", "{entry}", "Entries evicted from the local level.", static s => s.Evictions);
        Count("data.cache.remote.failures", "{call}", "Calls to Redis that failed or timed out.", static s => s.RemoteFailures);
        Count("data.cache.link.changes", "{change}", "Disconnections from Redis and reconnections.", static s => s.LinkChanges);
        Level("data.cache.entries", "{entry}", "Entries in the local level.", static s => s.LocalEntries);
        Level("data.cache.size", "By", "Bytes in the local level.", static s => s.LocalBytes);
        Level("data.cache.replay.queue", "{operation}", "Writes and removals that wait for Redis.", static s => s.ReplayQueueCount);
        Level(
            "data.cache.link.connected",
            "{link}",
            "1 while Redis answers, else 0.",
            static s => s.Link == CacheLinkState.Connected ? 1 : 0);
    }

    public static void Add(IStatisticsSource source)
    {
        lock (Guard)
        {
            Sources.RemoveAll(static known => !known.TryGetTarget(out _));
            Sources.Add(new WeakReference<IStatisticsSource>(source));
        }
    }

    public static void Remove(IStatisticsSource source)
    {
        lock (Guard)
            Sources.RemoveAll(known => !known.TryGetTarget(out var target) || ReferenceEquals(target, source));
    }

    public static void FactoryRan(string cache, TimeSpan duration, bool failed)
    {
        if (FactoryDuration.Enabled)
        {
            FactoryDuration.Record(
                duration.TotalSeconds,
                new KeyValuePair<string, object?>(CacheTag, cache),
                new KeyValuePair<string, object?>(OutcomeTag, failed ? "failure" : "success"));
        }
    }

    public static void Payload(string cache, int plain, int written)
    {
        if (!PayloadSize.Enabled)
            return;
        PayloadSize.Record(plain, new(CacheTag, cache), new(FormTag, "plain"));
        PayloadSize.Record(written, new(CacheTag, cache), new(FormTag, "written"));
    }

    public static void LlmAnswered(bool saved, long inputTokens, long outputTokens)
    {
        LlmRequests.Add(1, new KeyValuePair<string, object?>(OutcomeTag, saved ? "hit" : "miss"));
        if (!saved)
            return;
        LlmTokens.Add(inputTokens, new KeyValuePair<string, object?>("gen_ai.token.type", "input"));
        LlmTokens.Add(outputTokens, new KeyValuePair<string, object?>("gen_ai.token.type", "output"));
    }

    private static void Count(string name, string unit, string description, Func<DataCacheStatistics, long> read) =>
        Meter.CreateObservableCounter(name, () => Each(read), unit, description);

    private static void Level(string name, string unit, string description, Func<DataCacheStatistics, long> read) =>
        Meter.CreateObservableUpDownCounter(name, () => Each(read), unit, description);

    private static IEnumerable<Measurement<long>> Each(Func<DataCacheStatistics, long> read) =>
        Read().Select(source => new Measurement<long>(read(source.Statistics), new KeyValuePair<string, object?>(CacheTag, source.Name)));

    private static IEnumerable<Measurement<long>> Requests()
    {
        foreach (var (name, statistics) in Read())
        {
            yield return Request(name, "local", "hit", statistics.LocalHits);
            yield return Request(name, "remote", "hit", statistics.RemoteHits);
            yield return Request(name, "any", "stale", statistics.StaleHits);
            yield return Request(name, "any", "miss", statistics.Misses);
            yield return Request(name, "any", "bypass", statistics.Bypasses);
        }
    }

    private static Measurement<long> Request(string name, string level, string outcome, long count) => new(
        count,
        new KeyValuePair<string, object?>(CacheTag, name),
        new KeyValuePair<string, object?>("data.cache.level", level),
        new KeyValuePair<string, object?>(OutcomeTag, outcome));

    private static List<(string Name, DataCacheStatistics Statistics)> Read()
    {
        var read = new List<(string, DataCacheStatistics)>();
        lock (Guard)
        {
            foreach (var known in Sources)
            {
                if (known.TryGetTarget(out var source))
                    read.Add((source.Name, source.Read()));
            }
        }

        return read;
    }
}
