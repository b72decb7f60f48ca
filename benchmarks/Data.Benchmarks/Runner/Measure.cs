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

    /// <summary>Whether the ratio holds its limit, or misses it by no more than <see cref="Tolerance"/> of the limit's size.</summary>
    public bool WithinTolerance => Direction == Direction.Max ? Ratio <= Limit + Slack : Ratio >= Limit - Slack;

    /// <summary>Of the limit's size, not the limit: a share of a negative limit would tighten it.</summary>
    private double Slack => Math.Abs(Limit) * Tolerance;
}
