using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace ConfigurationService.Observability;

/// <summary>Bucket boundaries of histograms whose instrument advises none, by unit.</summary>
internal static class HistogramBuckets
{
    private static readonly double[] Seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly double[] Bytes = [128, 1024, 8192, 65_536, 524_288, 4_194_304, 33_554_432];
    private static readonly double[] Counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000];

    /// <summary>Returns the view for an instrument; null where the SDK's handling is right.</summary>
    public static MetricStreamConfiguration? Of(Instrument instrument)
    {
        if (instrument.GetType().GetGenericTypeDefinition() != typeof(Histogram<>) || IsAdvised(instrument))
            return null;
        var boundaries = instrument.Unit switch
        {
            "s" => Seconds,
            "By" => Bytes,
            _ => Counts,
        };
        return new ExplicitBucketHistogramConfiguration { Boundaries = boundaries };
    }

    private static bool IsAdvised(Instrument instrument) => instrument is
        Histogram<double> { Advice.HistogramBucketBoundaries: not null }
        or Histogram<long> { Advice.HistogramBucketBoundaries: not null }
        or Histogram<int> { Advice.HistogramBucketBoundaries: not null };
}
