namespace Data.Benchmarks.Runner;

/// <summary>On which side of its limit a ratio must lie.</summary>
internal enum Direction
{
    /// <summary>The ratio must not exceed the limit.</summary>
    Max,

    /// <summary>The ratio must reach the limit.</summary>
    Min,
}
