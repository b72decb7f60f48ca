using Data.Vector.Indexing;

namespace Data.Vector.Hnsw;

/// <summary>
/// Removes deleted nodes from the graph. Once enough nodes are deleted, a sweep marks all of them as unlinking, repairs every list that
/// leads to one, a few lists at each write, and releases their slots.
/// </summary>
/// <remarks>"Deletes" in design.md explains the phases.</remarks>
internal sealed unsafe class GraphSweeper(HnswGraph graph, GraphWriter writer)
{
    // A sweep starts when one node in ten is deleted, and at least this many are.
    private const int MinDeleted = 64, DeletedShare = 10;

    private readonly SlotTable _table = graph.Table;
    private readonly Lock _advancing = new();
    private Sweep? _sweep;

    /// <summary>Starts a sweep when one is due, or moves the current one on. Call after each write, outside the writers' lock.</summary>
    public void Advance()
    {
        if (Volatile.Read(ref _sweep) is null)
        {
            if (IsDue())
                Begin();
            return;
        }

        _table.Writers.EnterReadLock();
        try
        {
            if (Volatile.Read(ref _sweep) is { } sweep)
                Advance(sweep, sweep.NextGoal());
        }
        finally
        {
            _table.Writers.ExitReadLock();
        }
    }

    /// <summary>Marks the nodes of an unfinished sweep as deleted in a snapshot: links may still lead to them.</summary>
    public void MarkReachable(Span<byte> states)
    {
        if (_sweep is not { } sweep)
            return;
        foreach (var slot in sweep.Nodes)
            states[slot] = SlotState.Deleted;
    }

    private bool IsDue()
    {
        var deleted = graph.Deleted;
        return deleted >= MinDeleted && deleted >= (_table.Count + deleted) / DeletedShare;
    }

    private void Begin()
    {
        _table.Writers.EnterWriteLock();
        try
        {
            // Alone: whoever adds from here on sees the new states, and nobody holds a candidate from before.
            if (_sweep is not null || !IsDue())
                return;
            var view = graph.View();
            var states = new Span<byte>(view.States, view.Limit);
            var nodes = new List<int>(graph.Deleted);
            var next = 0;
            while (states[next..].IndexOf(SlotState.Deleted) is >= 0 and var skipped)
            {
                next += skipped;
                nodes.Add(next);
                states[next++] = SlotState.Unlinking;
            }

            graph.ReplaceEntry(view);
            Volatile.Write(ref _sweep, new Sweep([.. nodes], view.Limit));
        }
        finally
        {
            _table.Writers.ExitWriteLock();
        }
    }

    /// <summary>Repairs lists up to <paramref name="goal"/>, unless another thread does so already.</summary>
    private void Advance(Sweep sweep, int goal)
    {
        if (!_advancing.TryEnter())
            return;
        try
        {
            if (sweep.IsDone)
                return;
            var view = graph.View();
            var repair = new Repair(writer, view, sweep, goal);
            ScorerChoice.Run(graph, view, slot: 0, ref repair);
            if (!sweep.IsDone)
                return;
            graph.AddDeleted(-sweep.Nodes.Length);
            _table.Release(sweep.Nodes);
            Volatile.Write(ref _sweep, null);
        }
        finally
        {
            _advancing.Exit();
        }
    }

    // The writer takes the scorer of each node that it repairs from this one.
    private readonly ref struct Repair(GraphWriter writer, in GraphView view, Sweep sweep, int goal) : IScoredOperation
    {
        private readonly ref readonly GraphView _view = ref view;

        public void Run<TScorer>(TScorer scorer)
            where TScorer : struct, ISlotScorer<TScorer>
        {
            for (; sweep.Cursor < goal; sweep.Cursor++)
                writer.Repair(_view, scorer, sweep.Cursor);
        }
    }
}
