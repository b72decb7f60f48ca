using System.Globalization;
using System.Text.RegularExpressions;

namespace ConfigurationService.Tests.Observability;

/// <summary>Reads the Prometheus text format as a scraper does, and refuses what a scraper refuses.</summary>
internal sealed partial class Exposition
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    public double this[string sample] => _samples[sample];

    public IReadOnlyCollection<string> Samples => _samples.Keys;

    public static Exposition Parse(string text)
    {
        var exposition = new Exposition();
        text.ShouldEndWith("\n");
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            exposition.Read(line);
        return exposition;
    }

    private void Read(string line)
    {
        if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
        {
            var parts = line.Split(' ');
            Types.TryAdd(parts[2], parts[3]).ShouldBeTrue($"{parts[2]} is one family");
            return;
        }

        if (line[0] == '#')
            return;
        var sample = Sample().Match(line);
        sample.Success.ShouldBeTrue(line);
        var value = sample.Groups["value"].Value;
        _samples.TryAdd(sample.Groups["name"].Value, value switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(value, CultureInfo.InvariantCulture),
        }).ShouldBeTrue($"{line} comes once");
    }

    [GeneratedRegex(
        """"
        ^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*"
        (,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*")*\})?)[ ](?<value>\S+)$
        """",
        RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Sample();
}
