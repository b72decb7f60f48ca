using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Data.TestServers;

namespace Data.Cache.Tests.Telemetry;

public sealed class CacheMeterTests
{
    [Fact]
    public async Task Meter_HitsMissesAndFactories_AreCountedPerCache()
    {
        var name = "m" + Guid.NewGuid().ToString("N")[..8];
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter
            .Name == "Data.Cache")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            }
        };
        var seen = new ConcurrentDictionary<string, double>();
        void Note(string instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var labels = tags.ToArray().ToDictionary(static tag => tag.Key, static tag => tag.Value?.ToString() ?? string.Empty);
            var (level, outcome) = (labels.GetValueOrDefault("data.cache.level"), labels.GetValueOrDefault("data.cache.outcome"));
            if (labels.TryGetValue("data.cache.name", out var cache) && cache == name)
                seen[$"{instrument}/{level}/{outcome}"] = value;
        }

        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument.Name, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument.Name, value, tags));
        listener.Start();
        var cache = DataCacheFactory.Create(new DataCacheOptions { KeyPrefix = name });
        for (var i = 0; i < 3; i++)
        {
            await cache.GetOrCreateAsync(
                "k",
                static _ => ValueTask.FromResult("v"),
                cancellationToken: TestContext.Current.CancellationToken);
        }

        await Should.ThrowAsync<InvalidOperationException>(async () => await cache.GetOrCreateAsync<string>(
            "bad",
            static _ => throw new InvalidOperationException(),
            cancellationToken: TestContext.Current.CancellationToken));
        listener.RecordObservableInstruments();

        seen["data.cache.requests/local/hit"].ShouldBe(2);
        seen["data.cache.requests/any/miss"].ShouldBe(2);
        seen["data.cache.factory.runs//"].ShouldBe(2);
        seen["data.cache.factory.failures//"].ShouldBe(1);
        seen["data.cache.entries//"].ShouldBe(1);
        seen.ShouldContainKey("data.cache.factory.duration//success");
        seen.ShouldContainKey("data.cache.factory.duration//failure");
        GC.KeepAlive(cache);
    }

    [Fact]
    public async Task Traces_OfOneMiss_NameOperationsAndNoKeys()
    {
        var redis = await SharedServers.RedisAsync();
        var stopped = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Data.Cache",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        // The caches of other tests run beside this one; what belongs to this caller has its trace.
        using var caller = new Activity("caller").Start();
        var cache = DataCacheFactory.Create(new DataCacheOptions { Configuration = redis.ConnectionString, KeyPrefix = "trace" });
        await using var owner = (IAsyncDisposable)cache;
        while (cache.GetStatistics().Link != CacheLinkState.Connected)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        await cache.GetOrCreateAsync(
            "personal",
            static _ => ValueTask.FromResult("v"),
            cancellationToken: TestContext.Current.CancellationToken);
        // The caller has its value before Redis has stored it.
        while (!stopped.Any(activity => activity.TraceId == caller.TraceId && activity.OperationName == "store"))
            await Task.Delay(10, TestContext.Current.CancellationToken);

        var activities = stopped.Where(activity => activity.TraceId == caller.TraceId).ToArray();
        activities.Select(static activity => activity.OperationName)
            .ShouldBeSubsetOf(["get", "lease", "data.cache.factory", "store", "get_tags"]);
        foreach (var expected in new[] { "get", "lease", "data.cache.factory", "store" })
            activities.ShouldContain(activity => activity.OperationName == expected);
        activities.SelectMany(static activity => activity.TagObjects)
            .ShouldNotContain(static tag => tag.Value!.ToString()!.Contains("personal"));
    }
}
