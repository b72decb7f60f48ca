using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Data.Vector.Collections;

namespace Data.Vector.Telemetry;

/// <summary>Observes the collections that are open in process when a listener asks; otherwise costs nothing.</summary>
internal sealed class CollectionGauges
{
    private const string KindTag = "data.vector.memory.kind";

    // Weak: a store in memory that is never disposed can be collected.
    private readonly ConditionalWeakTable<IOpenCollection, string> _open = [];

    public CollectionGauges(Meter meter)
    {
        meter.CreateObservableUpDownCounter(
            "data.vector.collection.records", () => Observe<long>(
                static (statistics, name) => [new(statistics.Records, Tags(name))]), "{record}", "Records of open collections in process.");
        meter.CreateObservableUpDownCounter(
            "data.vector.collection.memory",
            () => Observe<long>(static (statistics, name) =>
            [
                new(statistics.IndexBytes - statistics.MappedBytes, [.. Tags(name), new(KindTag, "anonymous")]),
                new(statistics.MappedBytes, [.. Tags(name), new(KindTag, "mapped")]),
                new(statistics.RecordBytes, [.. Tags(name), new(KindTag, "managed")]),
                new(statistics.TextIndexBytes, [.. Tags(name), new(KindTag, "text")]),
            ]),
            "By",
            "Memory of open collections in process: vectors, codes and links; ids, texts and metadata; text indexes.");
        meter.CreateObservableUpDownCounter(
            "data.vector.collection.relinking",
            () => Observe<long>(static (statistics, name) => [new(statistics.RelinkingRecords, Tags(name))]),
            "{record}",
            "Records of open collections in process that are being linked anew because codes failed.");
        meter.CreateObservableGauge(
            "data.vector.collection.recall",
            () => Observe<double>(static (statistics, name) => statistics.Recall is { } recall ? [new(recall, Tags(name))] : []),
            "1",
            "Share of the nearest ten records that searches of open collections in process found in the last measurement.");
    }

    public void Add(IOpenCollection collection) => _open.Add(collection, StoreProbe.MetricName(collection.Name));

    public void Remove(IOpenCollection collection) => _open.Remove(collection);

    private static TagList Tags(string name) =>
        new() { { VectorTelemetry.SystemTag, VectorTelemetry.InProcess }, { VectorTelemetry.CollectionTag, name } };

    private List<Measurement<T>> Observe<T>(Func<VectorCollectionStatistics, string, Measurement<T>[]> measure)
        where T : struct
    {
        var measurements = new List<Measurement<T>>();
        foreach (var (collection, name) in _open)
        {
            try
            {
                measurements.AddRange(measure(collection.Statistics(), name));
            }
            catch (ObjectDisposedException)
            {
                // Closed since it was listed.
            }
        }

        return measurements;
    }
}
