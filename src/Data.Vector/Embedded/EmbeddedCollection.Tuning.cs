using Data.Vector.Hnsw;
using Data.Vector.Telemetry;

namespace Data.Vector.Embedded;

internal sealed partial class EmbeddedCollection : IOpenCollection
{
    /// <summary>How large the collection is.</summary>
    public VectorCollectionStatistics Statistics()
    {
        ThrowIfClosed();
        var bytes = _index.MemoryBytes(out var mapped);
        return new() { Records = _records.Count, IndexBytes = bytes, MappedBytes = mapped, JournalBytes = _snapshots?.JournalBytes ?? 0 };
    }

    /// <summary>Finds the EfSearch for a wanted recall; changes nothing.</summary>
    public RecallReport Tune(RecallTuning tuning, IProgress<RecallPoint>? progress, CancellationToken cancellationToken)
    {
        ThrowIfClosed();
        if (Options.Index == VectorIndexKind.Flat)
            throw new VectorInputException($"Collection '{Name}' has a flat index: its searches are exact, and there is nothing to tune.");

        return _index.Count == 0
            ? throw new VectorInputException($"Collection '{Name}' has no records; recall is measured on those it has.")
            : RecallTuner.Tune(_index, tuning, _parallelism, progress, cancellationToken);
    }

    /// <summary>Searches that name no EfSearch use this one from here on.</summary>
    public void Use(int efSearch)
    {
        ThrowIfClosed();
        var options = Options with { Hnsw = Options.Hnsw with { EfSearch = efSearch } };
        _snapshots?.Change(options);
        Options = options;
    }
}
