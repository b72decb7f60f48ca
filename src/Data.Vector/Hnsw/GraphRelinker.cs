using System.Numerics;
using Data.Vector.Indexing;
using Data.Vector.Internal;

namespace Data.Vector.Hnsw;

/// <summary>Links nodes anew, in the background, that were linked by codes which did not tell neighbours apart.</summary>
/// <remarks>"Codes that fail" in design.md explains the order and why searches stay valid meanwhile.</remarks>
internal sealed unsafe class GraphRelinker(HnswGraph graph, GraphWriter writer, ScratchPool scratches, Func<double> recall) : IDisposable
{
    // Below this recall after the suspects have been linked anew, the others are not good enough either.
    private const double Enough = 0.99;

    private readonly Lock _gate = new();
    private readonly Queue<int[]> _waiting = [];
    private ulong[] _excluded = [];
    private readonly ManualResetEventSlim _idle = new(initialState: true);
    private volatile bool _ending;
    private int _pending;

    /// <summary>Nodes that are still to be linked anew; at least one until it is known whether that was enough.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Links nodes anew on a thread of its own; returns at once.</summary>
    public void Start(int[] slots)
    {
        if (slots.Length == 0)
            return;
        lock (_gate)
        {
            if (_ending)
                return;
            _waiting.Enqueue(slots);
            Interlocked.Add(ref _pending, slots.Length);
            if (!_idle.IsSet)
                return;
            _idle.Reset();
            _ = Task.Factory.StartNew(RelinkWaiting, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>Links all nodes anew on a thread of its own; returns them at once.</summary>
    public int[] StartAll()
    {
        var slots = All();
        Start(slots);
        return slots;
    }

    /// <summary>Returns the slots still to be linked anew. The caller is the writer of <see cref="SlotTable.Writers"/>.</summary>
    public int[] Capture()
    {
        lock (_gate)
        {
            var slots = new List<int>();
            for (var word = 0; word < _excluded.Length; word++)
            {
                for (var bits = _excluded[word]; bits != 0; bits &= bits - 1)
                    slots.Add((word << 6) + BitOperations.TrailingZeroCount(bits));
            }

            foreach (var batch in _waiting)
                slots.AddRange(batch);
            return [.. slots];
        }
    }

    /// <summary>Ends the work after the node at hand.</summary>
    public void Dispose()
    {
        lock (_gate)
            _ending = true;
        _idle.Wait();
        _idle.Dispose();
    }

    private void RelinkWaiting()
    {
        try
        {
            while (TryTake(out var slots))
            {
                Interlocked.Increment(ref _pending);
                Relink(slots);
                if (slots.Length < graph.Table.Count && !_ending && Pending == 1 && recall() < Enough)
                    StartAll();
                Interlocked.Decrement(ref _pending);
            }
        }
        catch
        {
            lock (_gate)
                _idle.Set();
            throw;
        }
    }

    private bool TryTake(out int[] slots)
    {
        lock (_gate)
        {
            if (_ending || !_waiting.TryDequeue(out slots!))
            {
                slots = [];
                _idle.Set();
                return false;
            }

            _excluded = Words(slots);
            return true;
        }
    }

    private void Relink(int[] slots)
    {
        // The upper levels first: they lead the searches for the neighbours of the others.
        var order = InOrder(slots);
        Admit(graph.Entry.Slot);
        foreach (var slot in order)
        {
            if (_ending)
                return;
            graph.Table.Writers.EnterReadLock();
            try
            {
                Relink(slot);
                Admit(slot);
            }
            finally
            {
                graph.Table.Writers.ExitReadLock();
            }

            Interlocked.Decrement(ref _pending);
        }

        lock (_gate)
            _excluded = [];
    }

    private void Relink(int slot)
    {
        using var pin = graph.Table.Pin();
        var view = graph.View();
        var state = view.States[slot];
        if (!SlotState.IsLinkable(state) || state == SlotState.Free || graph.Entry is not { Exists: true } entry)
            return;
        var scratch = scratches.Rent();
        try
        {
            var relinking = new Relinking(writer, view, scratch, _excluded, slot, entry);
            ScorerChoice.Run(graph, view, slot, ref relinking);
        }
        finally
        {
            scratches.Return(scratch);
        }
    }

    private int[] InOrder(int[] slots)
    {
        using var pin = graph.Table.Pin();
        var view = graph.View();
        return [.. slots.OrderByDescending(view.LevelOf)];
    }

    private int[] All()
    {
        using var pin = graph.Table.Pin();
        var view = graph.View();
        var slots = new List<int>(view.Limit);
        for (var slot = 0; slot < view.Limit; slot++)
        {
            if (view.States[slot] is SlotState.Live or SlotState.Arriving)
                slots.Add(slot);
        }

        return [.. slots];
    }

    private void Admit(int slot)
    {
        if ((uint)(slot >> 6) < (uint)_excluded.Length)
            _excluded[slot >> 6] &= ~(1ul << slot);
    }

    private static ulong[] Words(int[] slots)
    {
        var words = new ulong[(slots.Max() >> 6) + 1];
        foreach (var slot in slots)
            words[slot >> 6] |= 1ul << slot;
        return words;
    }

    private readonly ref struct Relinking(
        GraphWriter writer, in GraphView view, SearchScratch scratch, ulong[] excluded, int slot, EntryPoint entry) : IScoredOperation
    {
        private readonly ref readonly GraphView _view = ref view;

        public void Run<TScorer>(TScorer scorer)
            where TScorer : struct, ISlotScorer<TScorer> => writer.Relink(_view, scorer, scratch, excluded, slot, entry);
    }
}
