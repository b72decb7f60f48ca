using Data.Vector.Indexing;
using Data.Vector.Internal;

namespace Data.Vector.Hnsw;

// A deleted node is dead at once: no search returns it. Links still lead through it until enough have died; then all of these
// leave together. From that moment no link to them is made; a sweep over the table, a few lists at each write, closes the gaps; and when it
// is through, nothing leads to their slots and they are used again as soon as the searches of that time have ended.
internal sealed unsafe partial class HnswIndex
{
    // A sweep starts at one dead node in ten, and not for less than this many.
    private const int LeastDead = 64, DeadShare = 10;

    private readonly Lock _sweeping = new();
    private Sweep? _sweep;
    private int _dead;

    protected override void Unlink(SlotColumns columns, int slot) => Interlocked.Increment(ref _dead);

    protected override void AfterDelete() => MoveSweep();

    private void MoveSweep()
    {
        if (Volatile.Read(ref _sweep) is null)
        {
            if (IsSweepDue())
                BeginSweep();
            return;
        }

        Writers.EnterReadLock();
        try
        {
            if (Volatile.Read(ref _sweep) is { } sweep)
                Advance(sweep, sweep.NextGoal());
        }
        finally
        {
            Writers.ExitReadLock();
        }
    }

    private bool IsSweepDue()
    {
        var dead = Volatile.Read(ref _dead);
        return dead >= LeastDead && dead >= (Count + dead) / DeadShare;
    }

    private void BeginSweep()
    {
        Writers.EnterWriteLock();
        try
        {
            // Alone: whoever adds from here on sees that these leave, and nobody holds a candidate from before.
            if (_sweep is not null || !IsSweepDue())
                return;
            var graph = View();
            var states = new Span<byte>(graph.States, graph.Limit);
            var leaving = new List<int>(_dead);
            var next = 0;
            while (states[next..].IndexOf(SlotState.Deleted) is >= 0 and var skipped)
            {
                next += skipped;
                leaving.Add(next);
                states[next++] = SlotState.Leaving;
            }

            if (Entry is { Exists: true } entry && states[entry.Slot] == SlotState.Leaving)
                Volatile.Write(ref _entry, ChooseEntry(graph).Pack());
            Volatile.Write(ref _sweep, new Sweep([.. leaving], graph.Limit));
        }
        finally
        {
            Writers.ExitWriteLock();
        }
    }

    private static EntryPoint ChooseEntry(in GraphView graph)
    {
        var best = EntryPoint.None;
        for (var slot = 0; slot < graph.Limit; slot++)
        {
            if (graph.States[slot] != SlotState.Live)
                continue;
            var level = graph.LevelOf(slot);
            if (!best.Exists || level > best.Level)
                best = new EntryPoint(slot, level);
        }

        return best;
    }

    /// <summary>Repairs lists up to <paramref name="goal"/>, unless another thread does so already.</summary>
    private void Advance(Sweep sweep, int goal)
    {
        if (!_sweeping.TryEnter())
            return;
        try
        {
            if (sweep.IsDone)
                return;
            var graph = View();
            for (; sweep.Cursor < goal; sweep.Cursor++)
                Repair(graph, sweep.Cursor);
            if (!sweep.IsDone)
                return;
            Interlocked.Add(ref _dead, -sweep.Leaving.Length);
            Release(sweep.Leaving);
            Volatile.Write(ref _sweep, null);
        }
        finally
        {
            _sweeping.Exit();
        }
    }

    private void Repair(in GraphView graph, int slot)
    {
        if (graph.Book is not null)
        {
            if (Metric == DistanceMetric.InnerProduct)
                _writer.Repair(graph, new CodeDotScorer(null, graph.Codes, CodeBytes), slot);
            else
                _writer.Repair(graph, new CodeL2Scorer(null, graph.Codes, CodeBytes), slot);
            return;
        }

        if (Metric == DistanceMetric.L2)
            _writer.Repair(graph, new FloatL2Scorer(null, graph.Floats, Dimension), slot);
        else
            _writer.Repair(graph, DotScorer(graph, null, 1), slot);
    }
}
