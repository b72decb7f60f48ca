using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Data.Vector.Telemetry;

/// <summary>
/// The package's meter and activity source. Names follow OpenTelemetry's database conventions where those have one; ids, texts and
/// addresses are in none.
/// </summary>
internal static class VectorTelemetry
{
    public const string Name = "Data.Vector";

    /// <summary>The store in process, in <see cref="SystemTag"/>; servers have the names that they are known by.</summary>
    public const string InProcess = "data.vector";

    public const string SystemTag = "db.system.name";
    public const string CollectionTag = "db.collection.name";
    public const string OperationTag = "db.operation.name";
    public const string BatchTag = "db.operation.batch.size";
    public const string ReturnedTag = "db.response.returned_rows";
    public const string ErrorTag = "error.type";
    public const string PlanTag = "vector.search.plan";

    public const string Walk = "walk", Scan = "scan";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    public static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "db.client.operation.duration", "s", "Duration of calls to a store, by operation, store and collection.");

    private static readonly Counter<long> RecordCount = Meter.CreateCounter<long>(
        "vector.records", "{record}", "Records written or deleted, by operation, store and collection.");

    private static readonly Counter<long> SearchCount = Meter.CreateCounter<long>(
        "vector.searches",
        "{search}",
        "Searches of indexes in process, by plan: the graph was walked, or what the filter leaves was scanned.");

    private static readonly Histogram<double> FlushDuration = Meter.CreateHistogram<double>(
        "vector.journal.flush.duration",
        "s",
        "Duration of journal commits that end with a flush to disk; their count is the number of flushes.");

    private static readonly Counter<long> JournalBytes = Meter.CreateCounter<long>(
        "vector.journal.io",
        "By",
        "Bytes appended to journals.");

    private static readonly Counter<long> JournalEntries = Meter.CreateCounter<long>(
        "vector.journal.entries", "{entry}", "Writes appended to journals; over the number of flushes: writes that share one.");

    private static readonly Histogram<double> SnapshotTime = Meter.CreateHistogram<double>(
        "vector.snapshot.duration", "s", "Duration of snapshots, by outcome.");

    private static readonly Counter<long> SnapshotBytes = Meter.CreateCounter<long>(
        "vector.snapshot.io",
        "By",
        "Bytes written by snapshots.");

    private static readonly Counter<long> RetryCount = Meter.CreateCounter<long>(
        "vector.http.retries", "{retry}", "Requests to a server that were repeated, by store.");

    private static readonly Counter<long> FailureCount = Meter.CreateCounter<long>(
        "vector.http.failures", "{request}", "Requests to a server that failed for good, by store and kind of error.");

    /// <summary>Size of what is open.</summary>
    public static readonly CollectionGauges Gauges = new(Meter);

    /// <summary>Whether anybody listens, so that nothing is measured for nobody.</summary>
    public static bool IsListenedTo => Duration.Enabled || Activities.HasListeners();

    public static void Searched(string plan) => SearchCount.Add(1, new KeyValuePair<string, object?>(PlanTag, plan));

    public static void Changed(long records, TagList tags)
    {
        if (records > 0)
            RecordCount.Add(records, tags);
    }

    public static void Committed(int entries, long bytes)
    {
        JournalEntries.Add(entries);
        JournalBytes.Add(bytes);
    }

    public static void Flushed(TimeSpan duration) => FlushDuration.Record(duration.TotalSeconds);

    public static void SnapshotEnded(TimeSpan duration, long bytes, Exception? failure)
    {
        if (failure is null)
        {
            SnapshotTime.Record(duration.TotalSeconds);
            SnapshotBytes.Add(bytes);
        }
        else
        {
            SnapshotTime.Record(duration.TotalSeconds, new KeyValuePair<string, object?>(ErrorTag, failure.GetType().Name));
        }
    }

    public static void Retried(string system) => RetryCount.Add(1, new KeyValuePair<string, object?>(SystemTag, system));

    public static void RequestFailed(string system, DataVectorException failure) =>
        FailureCount.Add(
            1,
            new KeyValuePair<string, object?>(SystemTag, system),
            new KeyValuePair<string, object?>(ErrorTag, failure.GetType().Name));
}
