using Data.Cache.Internal;
using Data.Cache.Local;
using Data.Cache.Observation;
using Microsoft.Extensions.Time.Testing;

namespace Data.Cache.Tests.Local;

/// <summary>What stays in a local level that is too small, by the number of hits of whole sequences of keys.</summary>
public sealed class AdmissionTests
{
    private const int Room = 500;
    private readonly MonotonicClock _clock = new(new FakeTimeProvider());
    private readonly LocalStore _store;

    public AdmissionTests() => _store = new LocalStore(Room * (long)Entry(0).Bytes, new CacheCounters(), _clock);

    [Fact]
    public void Put_LoopOverTwiceTheRoom_KeepsNearlyAllThatFits() =>
        HitsOf(Loop(keys: 2 * Room, rounds: 40)).ShouldBeInRange(0.45, 0.5);

    [Fact]
    public void Put_KeysUsedInShortBursts_HitsAsLruDoes()
    {
        var trace = Bursts(20_000, window: 300, seed: 1);
        HitsOf(trace).ShouldBeGreaterThan(Lru(trace) - 0.01);
    }

    [Fact]
    public void Put_BehaviourThatChanges_IsFollowedBothWays()
    {
        HitsOf(Loop(2 * Room, rounds: 40));
        var bursts = Bursts(20_000, window: 300, seed: 2);
        HitsOf(bursts).ShouldBeGreaterThan(Lru(bursts) - 0.03);
        HitsOf(Loop(2 * Room, rounds: 60)).ShouldBeGreaterThan(0.35);
    }

    [Fact]
    public void Put_NewEntryInAFullStore_IsThereRightAfter()
    {
        HitsOf(Loop(2 * Room, rounds: 5));
        for (var key = 100_000; key < 102_000; key++)
        {
            _store.Put(Entry(key));
            _store.TryGet(NameOf(key), out _).ShouldBeTrue();
        }
    }

    [Fact]
    public void Put_StoreThatHoldsOne_HoldsTheNewest()
    {
        var store = new LocalStore(Entry(0).Bytes + 10, new CacheCounters(), _clock);
        for (var key = 0; key < 10; key++)
        {
            store.Put(Entry(key));
            store.TryGet(NameOf(key), out _).ShouldBeTrue();
            store.Count.ShouldBe(1);
        }
    }

    [Fact]
    public void Put_EntriesThatBecomeAHundredTimesSmaller_AreAdmittedAsBefore()
    {
        for (var key = 0; key < 100; key++)
            _store.Put(Entry(1_000_000 + key, bytes: 30_000));
        HitsOf(Loop(2 * Room, rounds: 60));
        HitsOf(Loop(2 * Room, rounds: 20)).ShouldBeGreaterThan(0.45);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.3)]
    [InlineData(0.98)]
    public void Shadow_AnySequence_HoldsAtMostItsRoom(double share)
    {
        var shadow = new LirsShadow(share) { Room = 20 };
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
            shadow.Use((uint)random.Next(60));

        // What is resident answers with a hit: one pass over all keys cannot hit more than fit.
        var hits = Enumerable.Range(0, 60).Count(key => shadow.Use((uint)key));
        hits.ShouldBeInRange(1, 20);
    }

    [Fact]
    public void Shadow_ShareNearOne_IsLru()
    {
        var trace = Bursts(5_000, window: 300, seed: 4);
        var shadow = new LirsShadow(0.98) { Room = Room };
        var hits = trace.Count(key => shadow.Use((uint)key)) / (double)trace.Length;
        hits.ShouldBe(Lru(trace), 0.005);
    }

    private static int[] Loop(int keys, int rounds) => [.. Enumerable.Range(0, keys * rounds).Select(i => i % keys)];

    private static int[] Bursts(int keys, int window, int seed)
    {
        var random = new Random(seed);
        var uses = new List<(double At, int Key)>();
        for (var key = 0; key < keys; key++)
        {
            var at = random.NextDouble() * keys * 3;
            for (var left = 1 + random.Next(5); left > 0; left--, at += random.NextDouble() * window)
                uses.Add((at, 10_000 + key));
        }

        return [.. uses.OrderBy(static use => use.At).Select(static use => use.Key)];
    }

    private static double Lru(int[] trace)
    {
        var order = new LinkedList<int>();
        var places = new Dictionary<int, LinkedListNode<int>>();
        var hits = 0;
        foreach (var key in trace)
        {
            if (places.TryGetValue(key, out var node))
            {
                hits++;
                order.Remove(node);
                order.AddLast(node);
                continue;
            }

            places[key] = order.AddLast(key);
            if (places.Count > Room && places.Remove(order.First!.Value))
                order.RemoveFirst();
        }

        return hits / (double)trace.Length;
    }

    private static string NameOf(int key) => $"key:{key:D8}";

    private double HitsOf(int[] trace)
    {
        var hits = 0;
        foreach (var key in trace)
        {
            if (_store.TryGet(NameOf(key), out _))
                hits++;
            else
                _store.Put(Entry(key));
        }

        return hits / (double)trace.Length;
    }

    private TypedEntry<int> Entry(int key, int bytes = 0) => new(
        NameOf(key),
        new EntryLife(Stamp: 1, IsEstimated: false, Epoch: 1, _clock.Milliseconds + 60_000, _clock.Milliseconds + 60_000, long.MaxValue),
        [],
        shared: 1,
        bytes);
}
