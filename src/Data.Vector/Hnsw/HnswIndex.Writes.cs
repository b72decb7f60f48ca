using Data.Vector.Distance;
using Data.Vector.Indexing;
using Data.Vector.Internal;

namespace Data.Vector.Hnsw;

internal sealed unsafe partial class HnswIndex
{
    protected override void Link(SlotColumns columns, int slot)
    {
        using var pin = Pin();
        var graph = new GraphView(SlotLimit, columns, _layout);
        if (graph.Book is { } book)
            Encode(graph, book, slot);
        var level = PrepareLists(columns, graph, slot);
        var entry = Entry;
        if (!entry.Exists)
        {
            lock (_entryGate)
            {
                entry = Entry;
                if (!entry.Exists)
                {
                    Volatile.Write(ref _entry, new EntryPoint(slot, level).Pack());
                    return;
                }
            }
        }

        var scratch = _scratches.Rent();
        try
        {
            Insert(graph, scratch, slot, level, entry);
        }
        finally
        {
            _scratches.Return(scratch);
        }

        if (level > entry.Level)
            RaiseEntry(slot, level);
    }

    private void Insert(in GraphView graph, SearchScratch scratch, int slot, int level, EntryPoint entry)
    {
        if (graph.Book is not null)
        {
            if (Metric == DistanceMetric.InnerProduct)
            {
                _writer.Insert(
                                graph,
                                new CodeDotScorer(graph.Codes + ((nint)slot * CodeBytes), graph.Codes, CodeBytes),
                                scratch,
                                slot,
                                level,
                                entry);
            }
            else
            {
                _writer.Insert(
                                graph,
                                new CodeL2Scorer(graph.Codes + ((nint)slot * CodeBytes), graph.Codes, CodeBytes),
                                scratch,
                                slot,
                                level,
                                entry);
            }

            return;
        }

        var query = graph.Floats + ((nint)slot * Dimension);
        if (Metric == DistanceMetric.L2)
            _writer.Insert(graph, new FloatL2Scorer(query, graph.Floats, Dimension), scratch, slot, level, entry);
        else
            _writer.Insert(graph, DotScorer(graph, query, NormFactor(graph, slot)), scratch, slot, level, entry);
    }

    /// <summary>Empties the node's lists before anything leads to it. A slot used again keeps its level and its place.</summary>
    private int PrepareLists(SlotColumns columns, in GraphView graph, int slot)
    {
        _writer.Empty(graph, slot);
        var level = graph.LevelOf(slot);
        if (level == 0 && (level = _levels.Draw(slot)) > 0)
        {
            var length = 1 + (level * _parameters.M);
            var block = Interlocked.Add(ref _upperUsed, length) - length;
            if ((block + (long)length) * sizeof(int) > columns.Region(_layout.UpperLinkColumn).Committed)
                return 0;
            graph.UpperLinks[block] = level;
            graph.UpperBlocks[slot] = block;
        }

        if (level > 0)
            new Span<int>(graph.Links(slot, 1), level * _parameters.M).Fill(GraphView.NoLink);
        return level;
    }

    private void RaiseEntry(int slot, int level)
    {
        lock (_entryGate)
        {
            if (level > Entry.Level)
                Volatile.Write(ref _entry, new EntryPoint(slot, level).Pack());
        }
    }
}
