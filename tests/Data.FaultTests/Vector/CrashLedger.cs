using System.Globalization;
using Data.Vector;

namespace Data.FaultTests.Vector;

/// <summary>What the workers of the killed processes were told, and the check that a store holds exactly that.</summary>
internal sealed class CrashLedger
{
    public const string Collection = "crash";
    public const int Workers = 4, Dimensions = 16;

    private readonly Dictionary<string, int> _versions = new(StringComparer.Ordinal);
    private readonly CrashWrite?[] _pending = new CrashWrite?[Workers];

    public int AcknowledgedWrites { get; private set; }

    public static VectorCollectionOptions Shape(string folder) => new()
    {
        Dimensions = Dimensions,
        Metric = DistanceMetric.L2,
        Index = folder.EndsWith("flat", StringComparison.Ordinal) ? VectorIndexKind.Flat : VectorIndexKind.Hnsw,
        TextIndex = VectorTextIndex.Always,
    };

    public void Heard(string line)
    {
        if (line.StartsWith(CrashWrite.Acknowledged + " ", StringComparison.Ordinal))
        {
            var worker = int.Parse(line.AsSpan(CrashWrite.Acknowledged.Length + 1), CultureInfo.InvariantCulture);
            Settle(_pending[worker]!);
            _pending[worker] = null;
            AcknowledgedWrites++;
        }
        else if (CrashWrite.Parse(line) is { } write)
        {
            _pending[write.Worker] = write;
        }
    }

    /// <summary>
    /// Compares a reopened collection with what was acknowledged; a write without an answer may have happened, wholly, or not at all.
    /// </summary>
    public async Task VerifyAsync(IVectorCollection collection, CancellationToken cancellationToken)
    {
        var held = new Dictionary<string, VectorRecord>(StringComparer.Ordinal);
        await foreach (var record in collection.StreamAsync(new() { IncludeVectors = true, IncludeDocuments = true }, cancellationToken))
            held.Add(record.Id, record);

        foreach (ref var pending in _pending.AsSpan())
        {
            if (pending is { } write && write.Ids.Any(id => Version(held, id) != _versions.GetValueOrDefault(id)))
                Settle(write);

            pending = null;
        }

        foreach (var (id, version) in _versions)
            Version(held, id).ShouldBe(version, id);

        held.Count.ShouldBe(_versions.Count(static entry => entry.Value != 0));
        (await collection.CountAsync(cancellationToken: cancellationToken)).ShouldBe(held.Count);
        foreach (var record in held.Values)
        {
            var expected = CrashWrite.Record(record.Id, _versions[record.Id]);
            record.Vector.ToArray().ShouldBe(expected.Vector.ToArray(), record.Id);
            record.Document.ShouldBe(expected.Document, record.Id);
            var nearest = await collection.SearchAsync(new(expected.Vector) { Top = 1, EfSearch = 200 }, cancellationToken);
            nearest[0].Id.ShouldBe(record.Id);
        }

        await VerifyTextsAsync(collection, [.. held.Values], cancellationToken);
    }

    /// <summary>Compares searches by words with those of a collection that was given the records just now.</summary>
    private static async Task VerifyTextsAsync(
        IVectorCollection collection, VectorRecord[] held, CancellationToken cancellationToken)
    {
        await using var store = new EmbeddedVectorStore(new());
        var fresh = await store.CreateCollectionAsync(Collection, Shape(""), cancellationToken);
        await fresh.UpsertAsync(held, cancellationToken);
        foreach (var word in CrashWrite.Words)
        {
            var request = new HybridSearchRequest(word, default(ReadOnlyMemory<float>))
            {
                Fusion = HybridFusion.Weighted(0),
                Top = Math.Max(1, held.Length),
            };
            var found = await collection.HybridSearchAsync(request, cancellationToken);
            var expected = await fresh.HybridSearchAsync(request, cancellationToken);
            found.Select(match => match.Id).Order(StringComparer.Ordinal)
                .ShouldBe(expected.Select(match => match.Id).Order(StringComparer.Ordinal), word);
            foreach (var (match, same) in found.OrderBy(match => match.Id).Zip(expected.OrderBy(match => match.Id)))
                match.TextScore!.Value.ShouldBe(same.TextScore!.Value, 1e-4f, $"{word} in {match.Id}");
        }
    }

    private static int Version(Dictionary<string, VectorRecord> held, string id) =>
        held.TryGetValue(id, out var record) ? (int)record.Metadata!["version"].AsInt64() : 0;

    private void Settle(CrashWrite write)
    {
        foreach (var id in write.Ids)
            _versions[id] = write.Delete ? 0 : write.Version;
    }
}
