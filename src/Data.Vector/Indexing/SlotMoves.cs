using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Data.Vector.Indexing;

/// <summary>
/// The slots that writes are adding to the table or taking from it. Every write has a version; a search chooses one when it begins and
/// sees each write wholly or not at all.
/// </summary>
/// <remarks>
/// A slot is here from the moment its write is published until <see cref="Settle"/>, which the caller runs once every search of an earlier
/// version has ended. Searches take no lock and look here only for slots that are <see cref="SlotState.Arriving"/> or
/// <see cref="SlotState.Leaving"/>. Writers hold <see cref="SlotTable.Writers"/> as readers.
/// </remarks>
internal sealed unsafe class SlotMoves
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<int, Lifetime> _moving = new();
    private long _version = 1;
    private int _count;
    private int _leaving;

    /// <summary>The version of the last write.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Whether any slot is moving.</summary>
    public bool Any => Volatile.Read(ref _count) != 0;

    /// <summary>Slots that are no longer counted, and that searches of an earlier version still return.</summary>
    public int Leaving => Volatile.Read(ref _leaving);

    /// <summary>Returns whether a slot is part of a version; null when it is not moving.</summary>
    public bool? Contains(int slot, long version) =>
        _moving.TryGetValue(slot, out var lifetime) ? lifetime.Born <= version && version < lifetime.Died : null;

    /// <summary>Makes a write visible to the searches that begin from here on, in one step.</summary>
    /// <param name="states">The states of the slots.</param>
    /// <param name="arriving">Slots that have been prepared.</param>
    /// <param name="leaving">Slots that the write replaces or deletes.</param>
    /// <param name="live">The count of the slots in use.</param>
    /// <param name="stamp">Receives the version before any search can choose it.</param>
    public void Publish(byte* states, ReadOnlySpan<int> arriving, ReadOnlySpan<int> leaving, ref int live, Action<long>? stamp)
    {
        lock (_gate)
        {
            var version = _version + 1;
            foreach (var slot in arriving)
                _moving[slot] = new Lifetime(version, long.MaxValue);

            foreach (var slot in leaving)
            {
                _moving[slot] = new Lifetime(_moving.TryGetValue(slot, out var moving) ? moving.Born : 0, version);
                Volatile.Write(ref states[slot], SlotState.Leaving);
            }

            stamp?.Invoke(version);
            Interlocked.Add(ref _count, arriving.Length + leaving.Length);
            Interlocked.Add(ref _leaving, leaving.Length);
            Interlocked.Add(ref live, arriving.Length - leaving.Length);
            Volatile.Write(ref _version, version);
        }
    }

    /// <summary>Ends the moves of a write that every search sees: what arrived is live, what left is deleted.</summary>
    public void Settle(byte* states, ReadOnlySpan<int> arrived, ReadOnlySpan<int> left)
    {
        lock (_gate)
        {
            foreach (var slot in arrived)
            {
                var died = _moving[slot].Died;
                if (died != long.MaxValue)
                {
                    // Replaced meanwhile: that write ends its move.
                    _moving[slot] = new Lifetime(0, died);
                    continue;
                }

                // The state first: a search that finds no move looks at the state again.
                Volatile.Write(ref states[slot], SlotState.Live);
                _moving.TryRemove(slot, out _);
            }

            foreach (var slot in left)
            {
                Volatile.Write(ref states[slot], SlotState.Deleted);
                _moving.TryRemove(slot, out _);
            }

            Interlocked.Add(ref _leaving, -left.Length);
            Interlocked.Add(ref _count, -(arrived.Length + left.Length));
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Lifetime(long Born, long Died);
}
