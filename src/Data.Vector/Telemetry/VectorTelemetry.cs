using System.Diagnostics;
using System.Diagnostics.Metrics;
using Data.Vector.Collections;

namespace Data.Vector.Telemetry;

/// <summary>
/// The meter and the activity source of the package. Tags follow OpenTelemetry's database conventions where there is one; none contains
/// ids, texts or addresses.
/// </summary>
internal static class VectorTelemetry
{
    public const string Name = "Data.Vector";

    /// <summary>The value of <see cref="SystemTag"/> for the store in process; servers have their own names.</summary>
    public const string InProcess = "data.vector";

    public const string SystemTag = "db.system.name";
    public const string CollectionTag = "db.collection.name";
    public const string OperationTag = "db.operation.name";
    public const string BatchTag = "db.operation.batch.size";
    public const string ReturnedTag = "db.response.returned_rows";
    public const string ErrorTag = "error.type";
    public const string PlanTag = "data.vector.search.plan";

    public const string Walk = "walk", Scan = "scan";

    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter Meter = new(Name);

    public static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "data.vector.operation.duration", "s", "Duration of calls to a store, by operation, store and collection.");

    private static readonly Counter<long> RecordCount = Meter.CreateCounter<long>(
        "data.vector.records", "{record}", "Records written or deleted, by operation, store and collection.");

    private static readonly Counter<long> SearchCount = Meter.CreateCounter<long>(
        "data.vector.searches",
        "{search}",
        "Searches of indexes in process, by plan: a walk of the graph, or a scan of the records that the filter accepts.");

    private static readonly Histogram<double> FlushDuration = Meter.CreateHistogram<double>(
        "data.vector.journal.flush.duration",
        "s",
        "Duration of journal commits that end with a flush to disk; their count is the number of flushes.");

    private static readonly Counter<long> JournalBytes = Meter.CreateCounter<long>(
        "data.vector.journal.io",
        "By",
        "Bytes appended to journals.");

    private static readonly Counter<long> JournalEntries = Meter.CreateCounter<long>(
        "data.vector.journal.entries", "{entry}", "Writes appended to journals. Divided by the number of flushes: writes per flush.");

    private static readonly Histogram<double> SnapshotTime = Meter.CreateHistogram<double>(
        "data.vector.snapshot.duration", "s", "Duration of snapshots, by outcome.");

    private static readonly Counter<long> SnapshotBytes = Meter.CreateCounter<long>(
        "data.vector.snapshot.io",
        "By",
        "Bytes written by snapshots.");

    private static readonly Counter<long> CodeFailures = Meter.CreateCounter<long>(
        "data.vector.codes.failures",
        "{failure}",
        "Codes in use that no longer told the vectors of a collection apart, by collection.");

    private static readonly Counter<long> RetryCount = Meter.CreateCounter<long>(
        "data.vector.http.retries", "{retry}", "Repeated requests to a server, by store.");

    private static readonly Counter<long> FailureCount = Meter.CreateCounter<long>(
        "data.vector.http.failures", "{request}", "Requests to a server that failed after all retries, by store and kind of error.");

    private static readonly Counter<long> StatementRetryCount = Meter.CreateCounter<long>(
        "data.vector.sql.retries", "{retry}", "Repeated calls of a database, by store.");

    /// <summary>Gauges of open collections.</summary>
    public static readonly CollectionGauges Gauges = new(Meter);

    /// <summary>Whether there is a listener; without one nothing is measured.</summary>
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

    public static void CodesFailed(string collection) =>
        CodeFailures.Add(
            1,
            new KeyValuePair<string, object?>(SystemTag, InProcess),
            new KeyValuePair<string, object?>(CollectionTag, StoreProbe.MetricName(collection)));

    public static void Retried(string system) => RetryCount.Add(1, new KeyValuePair<string, object?>(SystemTag, system));

    public static void StatementRepeated(string system) =>
        StatementRetryCount.Add(1, new KeyValuePair<string, object?>(SystemTag, system));

    public static void RequestFailed(string system, DataVectorException failure) =>
        FailureCount.Add(
            1,
            new KeyValuePair<string, object?>(SystemTag, system),
            new KeyValuePair<string, object?>(ErrorTag, failure.GetType().Name));
}
