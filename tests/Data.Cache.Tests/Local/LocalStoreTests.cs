using Data.Cache.Internal;
using Data.Cache.Local;
using Data.Cache.Observation;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;

namespace Data.Cache.Tests.Local;

public sealed class LocalStoreTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MonotonicClock _clock;

    public LocalStoreTests() => _clock = new MonotonicClock(_time);

    [Fact]
    public void Put_AnySequence_KeepsTheBoundAndTheCount()
    {
        Prop.ForAll<int[]>(keys =>
        {
            var store = new LocalStore(5_000, new CacheCounters(), _clock);
            foreach (var key in keys)
            {
                store.Put(Entry($"k{Math.Abs(key % 50)}", stamp: 1, bytes: Math.Abs(key % 900)));
                store.TryGet($"k{Math.Abs(key % 7)}", out _);
                if (key % 5 == 0)
                    store.RemoveOlder($"k{Math.Abs(key % 11)}", 2);
            }

            return store.Bytes <= 5_000 && store.Count == store.CountWhere(static _ => true) && store.Bytes == Sum(store);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Put_OlderValue_LosesToTheNewerOne()
    {
        var store = new LocalStore(5_000, new CacheCounters(), _clock);
        store.Put(Entry("k", stamp: 5));
        store.Put(Entry("k", stamp: 4));
        store.TryGet("k", out var entry).ShouldBeTrue();
        entry!.Life.Stamp.ShouldBe(5);
    }

    [Fact]
    public void Put_ExpiredEntriesAround_SweepsThemWithoutEviction()
    {
        var counters = new CacheCounters();
        var store = new LocalStore(1_000_000, counters, _clock);
        for (var i = 0; i < 500; i++)
            store.Put(Entry($"dead{i}", stamp: 1, lives: 20));
        _time.Advance(TimeSpan.FromMilliseconds(21));
        for (var i = 0; i < 500; i++)
            store.Put(Entry($"live{i}", stamp: 1));
        store.CountWhere(static entry => entry.Key.StartsWith("dead", StringComparison.Ordinal)).ShouldBe(0);
        store.CountWhere(static entry => entry.Key.StartsWith("live", StringComparison.Ordinal)).ShouldBe(500);
        counters.Evictions.Value.ShouldBe(0);
    }

    [Fact]
    public void Put_ScanOverUsedKeys_LeavesThem()
    {
        var store = new LocalStore(100_000, new CacheCounters(), _clock);
        for (var i = 0; i < 100; i++)
        {
            store.Put(Entry($"hot{i}", stamp: 1));
            store.TryGet($"hot{i}", out _);
            store.TryGet($"hot{i}", out _);
        }

        for (var i = 0; i < 5_000; i++)
            store.Put(Entry($"scan{i}", stamp: 1));
        store.CountWhere(static entry => entry.Key.StartsWith("hot", StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(95);
    }

    private static long Sum(LocalStore store)
    {
        long sum = 0;
        store.CountWhere(entry =>
        {
            sum += entry.Bytes;
            return true;
        });
        return sum;
    }

    private TypedEntry<int> Entry(string key, long stamp, int bytes = 0, long lives = 600_000) =>
        new(
            key,
            new EntryLife(stamp, IsEstimated: false, Epoch: 1, _clock.Milliseconds + lives, _clock.Milliseconds + lives, long.MaxValue),
            [],
            shared: 1,
            bytes);
}
