using System.Globalization;
using Data.Vector;

namespace Data.FaultTests.Vector;

/// <summary>
/// One write of a worker: some ids to a version, or gone. Workers have ids of their own, so the last write to an id is known.
/// </summary>
internal sealed record CrashWrite(int Worker, bool Delete, int Version, string[] Ids)
{
    public const string Acknowledged = "ack";
    private const string Begun = "begin";
    private const int IdsPerWorker = 60;

    /// <summary>The words of the texts.</summary>
    public static string[] Words { get; } = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"];

    public static CrashWrite Next(Random random, int worker)
    {
        var count = random.Next(4) == 0 ? random.Next(1, 40) : 1;
        var ids = Enumerable.Range(0, count).Select(_ => $"w{worker}-{random.Next(IdsPerWorker)}").Distinct().ToArray();
        return new CrashWrite(worker, random.Next(3) == 0, random.Next(1, int.MaxValue), ids);
    }

    public static VectorRecord Record(string id, int version)
    {
        var random = new Random(HashCode(id) ^ version);
        var vector = new float[CrashLedger.Dimensions];
        foreach (ref var value in vector.AsSpan())
            value = random.NextSingle();

        var text = string.Join(' ', random.GetItems(Words, random.Next(50)));
        return new VectorRecord(id, vector) { Document = text, Metadata = new() { ["version"] = version } };
    }

    public Task RunAsync(IVectorCollection collection) =>
        Delete ? collection.DeleteAsync(Ids) : collection.UpsertAsync([.. Ids.Select(id => Record(id, Version))]);

    public string ToLine() =>
        string.Create(CultureInfo.InvariantCulture, $"{Begun} {Worker} {(Delete ? 0 : Version)} {string.Join(',', Ids)}");

    /// <summary>Reads a line; null when the line tells something else, or was cut off by the kill.</summary>
    public static CrashWrite? Parse(string line) =>
        line.Split(' ') is [Begun, var worker, var version, var ids]
            ? new CrashWrite(
                int.Parse(worker, CultureInfo.InvariantCulture),
                version == "0",
                int.Parse(version, CultureInfo.InvariantCulture),
                ids.Split(','))
            : null;

    // String.GetHashCode differs between processes.
    private static int HashCode(string id) => id.Aggregate(17, static (hash, c) => unchecked((hash * 31) + c));
}
