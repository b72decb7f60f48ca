using System.Diagnostics.Metrics;

namespace ConfigurationService.Observability.Prometheus;

/// <summary>Where a histogram's buckets end: where its instrument advises, else what its unit suggests.</summary>
internal static class HistogramBounds
{
    private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly double[] Bytes = [128, 1024, 8192, 65_536, 524_288, 4_194_304, 33_554_432];
    private static readonly double[] Counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000];

    public static double[] Of(Instrument instrument) => Advised(instrument) ?? instrument.Unit switch
    {
        "s" => Seconds,
        "ms" => [.. Seconds.Select(static s => s * 1_000)],
        "us" => [.. Seconds.Select(static s => s * 1_000_000)],
        "By" => Bytes,
        _ => Counts,
    };

    private static double[]? Advised(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static b => (double)b)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static b => (double)b)],
        _ => null,
    };
}
