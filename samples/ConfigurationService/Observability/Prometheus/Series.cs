using System.Globalization;

namespace ConfigurationService.Observability.Prometheus;

/// <summary>One metric under one set of labels. Safe for any number of writers beside the one scrape.</summary>
internal abstract class Series(string labels)
{
    public string Labels { get; } = labels;

    /// <summary>The scrape in which an observed value was last reported; a value that is no longer observed is no longer shown.</summary>
    public long SeenAt { get; set; }

    public abstract void Add(double value);

    public abstract void Set(double value);

    public abstract void Write(TextWriter writer, string name);

    protected static void WriteSample(TextWriter writer, string name, string labels, double value)
    {
        writer.Write(name);
        if (labels.Length > 0)
        {
            writer.Write('{');
            writer.Write(labels);
            writer.Write('}');
        }

        writer.Write(' ');
        writer.Write(Text(value));
        writer.Write('\n');
    }

    protected static string Text(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    protected static void AddTo(ref double total, double value)
    {
        var seen = Volatile.Read(ref total);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref total, seen + value, seen);
            if (before.Equals(seen))
                return;
            seen = before;
        }
    }
}
