namespace ConfigurationService.Observability.Prometheus;

/// <summary>A counter or a gauge: one number.</summary>
internal sealed class ValueSeries(string labels) : Series(labels)
{
    private double _value;

    public override void Add(double value) => AddTo(ref _value, value);

    public override void Set(double value) => Volatile.Write(ref _value, value);

    public override void Write(TextWriter writer, string name) => WriteSample(writer, name, Labels, Volatile.Read(ref _value));
}
