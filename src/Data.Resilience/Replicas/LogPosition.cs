namespace Data.Resilience.Replicas;

/// <summary>Positions in PostgreSQL's write-ahead log.</summary>
internal static class LogPosition
{
    private const ulong PageSize = 8192;
    private const ulong ShortHeader = 24;
    private const ulong LongHeader = 40;

    /// <summary>
    /// Takes back the page header that an insert position counts when nothing follows it yet: a replica stops where the last record ends.
    /// </summary>
    public static ulong EndOfRecord(ulong insertPosition) => (insertPosition % PageSize) switch
    {
        ShortHeader => insertPosition - ShortHeader,
        LongHeader => insertPosition - LongHeader,
        _ => insertPosition,
    };
}
