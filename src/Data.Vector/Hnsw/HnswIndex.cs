using Data.Vector.Distance;
using Data.Vector.Indexing;
using Data.Vector.Internal;
using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

/// <summary>Approximate search by a hierarchical navigable small world graph (Malkov and Yashunin 2018).</summary>
internal sealed unsafe partial class HnswIndex : VectorIndex
{
    private readonly HnswParameters _parameters;
    private readonly GraphLayout _layout;
    private readonly GraphWriter _writer;
    private readonly LevelSource _levels;
    private readonly ScratchPool _scratches = new();
    private readonly Lock _entryGate = new();
    private long _entry = EntryPoint.None.Pack();
    private int _upperUsed = 1;

    public HnswIndex(HnswParameters parameters)
        : base(parameters.Dimension, parameters.Metric, parameters.Capacity, GraphLayout.OwnStrides(parameters))
    {
        parameters.Validate();
        _parameters = parameters;
        _layout = new GraphLayout(FloatColumn, StateColumn, NormColumn, FirstOwnColumn, parameters.M);
        _writer = new GraphWriter(parameters, new NodeLocks());
        _levels = new LevelSource(parameters.Seed, parameters.M);
    }

    public HnswParameters Parameters => _parameters;

    public override long MemoryBytes(out long mapped)
    {
        // Upper lists are handed out by need, not by row.
        var unused = ((long)SlotLimit * GraphLayout.UpperBytesPerSlot) - ((long)Volatile.Read(ref _upperUsed) * sizeof(int));
        return base.MemoryBytes(out mapped) - unused;
    }

    private EntryPoint Entry => EntryPoint.Unpack(Volatile.Read(ref _entry));

    private int CodeBytes => CodeBook.BytesFor(Dimension);

    private GraphView View()
    {
        var limit = SlotLimit;
        return new GraphView(limit, Columns, _layout);
    }
}
