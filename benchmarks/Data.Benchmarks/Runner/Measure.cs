namespace Data.Benchmarks.Runner;

/// <summary>One line of the summary: what was measured, against what, and whether its limit holds.</summary>
/// <param name="Name">Unique within the run.</param>
/// <param name="Area">Package or part: resilience, cache, vector, health, load.</param>
/// <param name="Value">Median of the rounds, in <paramref name="Unit"/>.</param>
/// <param name="Baseline">Median of the baseline's rounds, or null when the value is judged by itself.</param>
/// <param name="Ratio">Median over the rounds of value over baseline; the value itself without a baseline.</param>
/// <param name="Unit">Unit of value and baseline.</param>
/// <param name="Limit">What the ratio is held against.</param>
/// <param name="Direction">The side on which the ratio must lie.</param>
/// <param name="Rounds">Number of interleaved rounds.</param>
/// <param name="Spread">Interquartile range of the ratios over their median: how noisy the run was.</param>
internal sealed record Measure(
    string Name,
    string Area,
    double Value,
    double? Baseline,
    double Ratio,
    string Unit,
    double Limit,
    Direction Direction,
    int Rounds,
    double Spread)
{
    /// <summary>By how much a ratio may miss its limit before a run fails, because the machines are shared and noisy.</summary>
    public const double Tolerance = 0.25;

    public bool Pass => Direction == Direction.Max ? Ratio <= Limit : Ratio >= Limit;

    public bool WithinTolerance => Direction == Direction.Max ? Ratio <= Limit * (1 + Tolerance) : Ratio >= Limit * (1 - Tolerance);
}
