namespace Data.Resilience.Repositories;

/// <summary>Settings of one bulk insert.</summary>
public sealed class BulkInsertOptions
{
    internal static readonly BulkInsertOptions Default = new();

    /// <summary>Rows per COPY and per progress report. Default: 10,000. Range: 1–1,000,000.</summary>
    public int BatchSize { get; init; } = 10_000;

    /// <summary>Whether keys that the database generates are set on the entities. Default: false.</summary>
    /// <remarks>Costs one more round trip per batch: the keys are drawn from the sequence beforehand.</remarks>
    public bool ReturnKeys { get; init; }

    /// <summary>Function called after every batch with the number of rows written so far. Default: null (none).</summary>
    public Action<long>? Progress { get; init; }
}
