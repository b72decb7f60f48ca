using System.Runtime.InteropServices;
using Data.Vector.Hnsw;

namespace Data.Vector.Tests.Hnsw;

/// <summary>Compares the pool with a sorted set, at sizes around the SIMD width and around the change from counting to halving.</summary>
public sealed unsafe class CandidatePoolTests
{
    private const ulong Marker = 0x5EED_5EED_5EED_5EED;

    public static TheoryData<int> Sizes => [1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 34, 63, 64, 65, 100, 1_000];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Insert_RandomEntries_KeepsTheSmallestInOrder(int size)
    {
        var random = new Random(size);
        using var room = new Room(size);
        var pool = new CandidatePool(room.Entries, size);
        var all = new SortedSet<ulong>();
        var slots = new int[8];
        // Few distinct keys, so that many are equal and the slot decides.
        for (var round = 0; round < (size / 2) + 20; round++)
        {
            for (var i = 0; i < slots.Length; i++)
                slots[i] = (round * slots.Length) + i;
            Offer(ref pool, slots, [.. slots.Select(_ => (uint)random.Next(size + 10))], all);
            Entries(pool).ShouldBe(all.Take(size));
        }

        pool.IsFull.ShouldBeTrue();
        room.ShouldBeUntouchedBehind(size + CandidatePool.Spare);
    }

    [Fact]
    public void Insert_KeysOfAllBits_OrdersThemUnsigned()
    {
        const int size = 40;
        using var room = new Room(size);
        var pool = new CandidatePool(room.Entries, size);
        var all = new SortedSet<ulong>();
        Offer(ref pool, [4, 3, 2, 1], [uint.MaxValue, int.MaxValue, (uint)int.MaxValue + 1, 0], all);
        Offer(ref pool, [int.MaxValue], [uint.MaxValue], all);
        Entries(pool).ShouldBe(all);
        Enumerable.Range(0, pool.Count).Select(pool.Slot).ShouldBe([1, 3, 2, 4, int.MaxValue]);
        pool.Key(4).ShouldBe(uint.MaxValue);
    }

    [Fact]
    public void TakeNext_EntriesInsertedMeanwhile_TakesEachOnceNearestFirst()
    {
        const int size = 50;
        var random = new Random(7);
        using var room = new Room(size);
        var pool = new CandidatePool(room.Entries, size);
        var all = new SortedSet<ulong>();
        var taken = new HashSet<int>();
        for (var slot = 0; slot < 600; slot += 3)
        {
            Offer(
                ref pool,
                [slot, slot + 1, slot + 2],
                [(uint)random.Next(5_000), (uint)random.Next(5_000), (uint)random.Next(5_000)],
                all);
            int? nearest = all.Take(size).Select(CandidatePool.Slot).Cast<int?>()
                .FirstOrDefault(candidate => !taken.Contains(candidate!.Value));
            var next = pool.TakeNext();
            next.ShouldBe(nearest ?? -1);
            if (next >= 0)
                taken.Add(next).ShouldBeTrue();
        }
    }

    [Fact]
    public void SelectNear_MoreThanTheBoundAllows_ReturnsWhatMayBeNearAndTheNearest()
    {
        const int size = 2;
        using var room = new Room(size);
        var pool = new CandidatePool(room.Entries, size);
        pool.IsBeforeNext(CandidatePool.Entry(uint.MaxValue, 1)).ShouldBeTrue();
        Offer(ref pool, [1, 2], [10, 20], []);
        // The places after the count hold near keys that do not belong to the batch.
        Span<int> slots = [3, 4, 5, 6, 7];
        Span<uint> keys = [21, 20, 5, 19, 3, 0, 0, 0];
        var near = stackalloc ulong[8];
        fixed (int* slot = slots)
        {
            fixed (uint* key = keys)
            {
                var count = pool.SelectNear(slot, key, 5, near, out var nearest);
                new Span<ulong>(near, count).ToArray().Select(CandidatePool.Slot).ShouldBe([4, 5, 6, 7]);
                CandidatePool.Slot(nearest).ShouldBe(7);
                pool.IsBeforeNext(nearest).ShouldBeTrue();
                pool.SelectNear(slot, key, 1, near, out nearest).ShouldBe(0);
                pool.IsBeforeNext(nearest).ShouldBeFalse();
            }
        }
    }

    private static void Offer(ref CandidatePool pool, int[] slots, uint[] keys, SortedSet<ulong> all)
    {
        for (var i = 0; i < slots.Length; i++)
            all.Add(CandidatePool.Entry(keys[i], slots[i]));
        var padded = keys.Concat(new uint[4]).ToArray();
        var near = stackalloc ulong[slots.Length];
        fixed (int* slot = slots)
        {
            fixed (uint* key = padded)
                pool.Insert(near, pool.SelectNear(slot, key, slots.Length, near, out _));
        }
    }

    private static IEnumerable<ulong> Entries(CandidatePool pool) =>
        Enumerable.Range(0, pool.Count).Select(i => CandidatePool.Entry(pool.Key(i), pool.Slot(i)));

    /// <summary>The array of a pool, followed by a border that nothing may write to.</summary>
    private sealed class Room : IDisposable
    {
        private readonly ulong[] _entries;
        private readonly GCHandle _pin;

        public Room(int size)
        {
            _entries = new ulong[size + CandidatePool.Spare + 16];
            Array.Fill(_entries, Marker);
            _pin = GCHandle.Alloc(_entries, GCHandleType.Pinned);
        }

        public ulong* Entries => (ulong*)_pin.AddrOfPinnedObject();

        public void ShouldBeUntouchedBehind(int index) => _entries.Skip(index).ShouldAllBe(entry => entry == Marker);

        public void Dispose() => _pin.Free();
    }
}
