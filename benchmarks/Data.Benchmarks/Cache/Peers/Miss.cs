namespace Data.Benchmarks.Cache.Peers;

/// <summary>What a factory says that must not run.</summary>
internal static class Miss
{
    public static ValueTask<T> Of<T>() => throw new InvalidOperationException("Not a hit.");
}
