namespace Data.Cache.Serialization;

[Flags]
internal enum EnvelopeFlags : byte
{
    None = 0,
    Compressed = 1,
    Null = 2,
}

/// <summary>What stands before the payload of a value in Redis.</summary>
/// <param name="Stamp">Creation by the clock of the server that holds the key, in microseconds since 1970.</param>
/// <param name="Epoch">Creation in the order of removals that span keys.</param>
/// <param name="Flags">What the payload is.</param>
/// <param name="LifetimeMs">Fresh for so long after the stamp.</param>
/// <param name="StaleMs">Usable under fail-safe for so long after that.</param>
/// <param name="Schema">Shape of the type that was serialised.</param>
/// <param name="Tags">Full names of the entry's tags.</param>
internal readonly record struct EnvelopeHeader(
    long Stamp,
    long Epoch,
    EnvelopeFlags Flags,
    long LifetimeMs,
    long StaleMs,
    ulong Schema,
    string[] Tags);
