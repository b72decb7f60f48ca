namespace Data.Vector.Embedded;

/// <summary>Returns a message for every option that is out of its range.</summary>
internal static class EmbeddedOptionsValidator
{
    public static List<string> Failures(EmbeddedVectorStoreOptions options)
    {
        var failures = new List<string>();
        Check(options.Path is null || !string.IsNullOrWhiteSpace(options.Path), "Path must be null, for memory, or a folder.");
        Check(options.MaxDegreeOfParallelism is >= 0 and <= 1_024, "MaxDegreeOfParallelism must be from 0 to 1,024.");
        Check(Enum.IsDefined(options.Durability), "Durability must be Durable or Relaxed.");
        Check(
            options.FlushInterval >= TimeSpan.FromMilliseconds(1) && options.FlushInterval <= TimeSpan.FromMinutes(1),
            "FlushInterval must be from 1 ms to 1 min.");
        Check(options.SnapshotJournalBytes is >= 64L << 10 and <= 64L << 30, "SnapshotJournalBytes must be from 65,536 to 68,719,476,736.");
        Check(
            options.CloseIdleAfter is not { } idle || (idle >= TimeSpan.FromSeconds(1) && idle <= TimeSpan.FromDays(7)),
            "CloseIdleAfter must be null, for never, or from 1 s to 7 days.");
        Check(options.MaxOpenCollections is >= 1 and <= 4_000, "MaxOpenCollections must be from 1 to 4,000.");
        Check(options.MinRecall is >= 0 and <= 1, "MinRecall must be from 0, for no measurements, to 1.");
        return failures;

        void Check(bool condition, string complaint)
        {
            if (!condition)
                failures.Add(complaint);
        }
    }
}
