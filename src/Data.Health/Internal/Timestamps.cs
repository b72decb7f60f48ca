namespace Data.Health.Internal;

/// <summary>Arithmetic on the monotonic timestamps of a <see cref="TimeProvider"/>, which no clock change can disturb.</summary>
internal static class Timestamps
{
    public static long Of(TimeSpan span, TimeProvider time) => (long)(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>The time left, never negative.</summary>
    public static TimeSpan Until(long due, long now, TimeProvider time) => due <= now ? TimeSpan.Zero : time.GetElapsedTime(now, due);
}
