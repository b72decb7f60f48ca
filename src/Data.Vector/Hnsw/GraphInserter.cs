using Data.Vector.Indexing;
using Data.Vector.Internal;

namespace Data.Vector.Hnsw;

/// <summary>Inserts stored vectors as nodes: encodes them, draws their levels, links them, and raises the entry point.</summary>
internal sealed unsafe class GraphInserter(HnswGraph graph, GraphWriter writer, CodeCalibrator calibrator, ScratchPool scratches)
{
    private readonly LevelGenerator _levels = new(graph.Parameters.Seed, graph.Parameters.M);

    public void Insert(SlotColumns columns, int slot)
    {
        using var pin = graph.Table.Pin();
        var view = graph.View(graph.Table.Limit, columns);
        calibrator.Encode(view, slot);
        var level = PrepareLists(columns, view, slot);
        if (!graph.Entry.Exists && graph.TryStart(slot, level))
            return;
        var entry = graph.Entry;
        var scratch = scratches.Rent();
        try
        {
            var insertion = new Insertion(writer, view, scratch, slot, level, entry);
            ScorerChoice.Run(graph, view, slot, ref insertion);
        }
        finally
        {
            scratches.Return(scratch);
        }

        if (level > entry.Level)
            graph.RaiseEntry(slot, level);
    }

    /// <summary>Empties the node's lists before anything leads to it. A reused slot keeps its level and its upper lists.</summary>
    private int PrepareLists(SlotColumns columns, in GraphView view, int slot)
    {
        writer.Empty(view, slot);
        var level = view.LevelOf(slot);
        if (level == 0 && (level = _levels.Draw(slot)) > 0)
        {
            var block = graph.AllocateUpper(columns, view, level);
            if (block == 0)
                return 0;
            view.UpperBlocks[slot] = block;
        }

        if (level > 0)
            new Span<int>(view.Links(slot, 1), level * view.M).Fill(GraphView.NoLink);
        return level;
    }

    private readonly ref struct Insertion(
        GraphWriter writer, in GraphView view, SearchScratch scratch, int slot, int level, EntryPoint entry) : IScoredOperation
    {
        private readonly ref readonly GraphView _view = ref view;

        public void Run<TScorer>(TScorer scorer)
            where TScorer : struct, ISlotScorer<TScorer> => writer.Insert(_view, scorer, scratch, slot, level, entry);
    }
}
