namespace Data.Benchmarks.Runner;

/// <summary>A group of measures that share their set-up. Found by reflection; needs a parameterless constructor.</summary>
internal interface IBenchmark
{
    /// <summary>Package or part: resilience, cache, vector, health, load.</summary>
    string Area { get; }

    /// <summary>Short name in kebab-case, unique within the area.</summary>
    string Name { get; }

    /// <summary>Whether the short run that CI makes includes it.</summary>
    bool Quick { get; }

    /// <summary>Sets up, measures through <paramref name="run"/>, cleans up. May run again when a limit was missed.</summary>
    Task RunAsync(BenchmarkRun run);
}
