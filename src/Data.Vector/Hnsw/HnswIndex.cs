using Data.Vector.Indexing;
using Data.Vector.Internal;
using Data.Vector.Quantization;
using Data.Vector.Storage;

namespace Data.Vector.Hnsw;

/// <summary>Approximate search by a hierarchical navigable small world graph (Malkov and Yashunin 2018).</summary>
/// <remarks>design.md in this folder explains the parts, their invariants and who may run at once.</remarks>
internal sealed class HnswIndex : VectorIndex
{
    private const int SnapshotKind = 1;

    // What decides whether linking suspect nodes anew was enough.
    private const int RecallSample = 100, EfSearch = 100;

    private readonly HnswGraph _graph;
    private readonly GraphSearcher _searcher;
    private readonly GraphInserter _inserter;
    private readonly GraphSweeper _sweeper;
    private readonly CodeCalibrator _calibrator;
    private readonly GraphRelinker _relinker;

    public HnswIndex(HnswParameters parameters)
        : base(parameters.Dimension, parameters.Metric, parameters.Capacity, GraphLayout.OwnStrides(parameters))
    {
        _graph = new HnswGraph(parameters, Table);
        var watch = new CodeWatch(_graph);
        var writer = new GraphWriter(parameters, new NodeLocks(), watch);
        var scratches = new ScratchPool();
        _relinker = new GraphRelinker(_graph, writer, scratches, () => RecallTuner.Measure(this, RecallSample, EfSearch, seed: 1, default));
        _calibrator = new CodeCalibrator(_graph, watch, _relinker);
        _inserter = new GraphInserter(_graph, writer, _calibrator, scratches);
        _searcher = new GraphSearcher(_graph, scratches);
        _sweeper = new GraphSweeper(_graph, writer);
    }

    public HnswParameters Parameters => _graph.Parameters;

    /// <summary>Whether walks read codes; false before the first calibration, and while no codes fit the data.</summary>
    public bool WalksCodes => Table.Columns.Payload is CodeBook;

    /// <summary>How often codes in use were found unfit for the data.</summary>
    public long CodeFailures => _calibrator.Failures;

    /// <summary>Nodes that are still to be linked anew, because unfit codes linked them.</summary>
    public int Relinking => _relinker.Pending;

    /// <summary>Runs each time codes in use were found unfit, with the number of nodes that are linked anew.</summary>
    public Action<int>? CodesFailed
    {
        get => _calibrator.Failed;
        set => _calibrator.Failed = value;
    }

    /// <summary>
    /// Judges the codes in use by vectors from everywhere; where they fail, replaces them and has all nodes linked anew.
    /// </summary>
    public void VerifyCodes() => _calibrator.Verify();

    protected override int Kind => SnapshotKind;

    /// <summary>Opens a snapshot. Vectors keep the slots that they had when it was taken.</summary>
    /// <remarks>Floats stay in the file, mapped, until they are written to.</remarks>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, of another kind, or of a newer version; the message names file and section.
    /// </exception>
    public static HnswIndex Open(string path)
    {
        using var reader = new SnapshotReader(path);
        var slots = SlotRecord.Read(reader, SnapshotKind);
        var record = GraphRecord.Read(reader, slots);
        var index = new HnswIndex(record.Parameters(slots, reader));
        try
        {
            SlotTableSnapshot.Restore(index.Table, reader, slots);
            GraphSnapshot.Restore(index._graph, index._calibrator, index._relinker, reader, slots, record);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    public override long MemoryBytes(out long mapped) => base.MemoryBytes(out mapped) - _graph.UnusedUpperBytes;

    public override int Search(ReadOnlySpan<float> query, int efSearch, Span<Neighbor> results, SlotFilter filter = default) =>
        _searcher.Search(query, efSearch, results, filter);

    public override void SearchRange(
        ReadOnlySpan<float> query, float radius, int efSearch, List<Neighbor> results, SlotFilter filter = default) =>
        _searcher.SearchRange(query, radius, efSearch, results, filter);

    protected override void Link(SlotColumns columns, int slot) => _inserter.Insert(columns, slot);

    protected override void Unlink(SlotColumns columns, int slot) => _graph.AddDeleted(1);

    protected override void AfterAdd()
    {
        _sweeper.Advance();
        _calibrator.CalibrateIfDue();
    }

    protected override void AfterDelete() => _sweeper.Advance();

    protected override void MarkReachable(Span<byte> states) => _sweeper.MarkReachable(states);

    protected override Action<SnapshotWriter> Capture(byte[] states) => GraphSnapshot.Capture(_graph, _calibrator, _relinker, states);

    protected override void Close() => _relinker.Dispose();
}
