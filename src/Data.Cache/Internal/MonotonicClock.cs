namespace Data.Cache.Internal;

/// <summary>
/// Milliseconds that never jump, for expiry. Coarse for the system's provider, because a hit cannot afford a call to the kernel.
/// </summary>
internal sealed class MonotonicClock
{
    private readonly TimeProvider? _provider;

    public MonotonicClock(TimeProvider provider) => _provider = CoarseClock.IsOf(provider) ? null : provider;

    public long Milliseconds => _provider is null ? CoarseClock.Milliseconds : Elapsed(_provider);

    private static long Elapsed(TimeProvider provider) => (long)(provider.GetTimestamp() * (1000.0 / provider.TimestampFrequency));
}
