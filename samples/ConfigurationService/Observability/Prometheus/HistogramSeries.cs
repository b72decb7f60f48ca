namespace ConfigurationService.Observability.Prometheus;

/// <summary>A histogram: cumulative buckets, sum and count.</summary>
internal sealed class HistogramSeries(string labels, double[] bounds) : Series(labels)
{
    private readonly long[] _counts = new long[bounds.Length + 1];
    private double _sum;

    public override void Add(double value)
    {
        var index = Array.BinarySearch(bounds, value);
        Interlocked.Increment(ref _counts[index < 0 ? ~index : index]);
        AddTo(ref _sum, value);
    }

    public override void Set(double value) => Add(value);

    public override void Write(TextWriter writer, string name)
    {
        var separator = Labels.Length == 0 ? "" : ",";
        var total = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            total += Volatile.Read(ref _counts[i]);
            var bound = Text(i < bounds.Length ? bounds[i] : double.PositiveInfinity);
            WriteSample(writer, name + "_bucket", $"{Labels}{separator}le=\"{bound}\"", total);
        }

        WriteSample(writer, name + "_sum", Labels, Volatile.Read(ref _sum));
        // From the buckets and not from a counter of its own: the two must agree, or Prometheus rejects the histogram.
        WriteSample(writer, name + "_count", Labels, total);
    }
}
