using System.Globalization;
using System.Text.RegularExpressions;

namespace ConfigurationService.Tests.Observability;

/// <summary>Reads the Prometheus text format as a scraper does, and rejects what a scraper rejects.</summary>
internal sealed partial class Exposition
{
    private readonly List<Sample> _samples = [];
    private readonly HashSet<string> _series = new(StringComparer.Ordinal);

    /// <summary>The type of each family.</summary>
    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> Meters => _samples.Select(static s => s.Meter).Distinct();

    /// <summary>Families with the meters that they come from.</summary>
    public IEnumerable<(string Meter, string Name)> Families => _samples.Select(s => (s.Meter, FamilyOf(s.Name))).Distinct();

    public static Exposition Parse(string text)
    {
        var exposition = new Exposition();
        text.ShouldEndWith("\n");
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            exposition.Read(line);
        return exposition;
    }

    /// <summary>The samples of one meter: name, labels in alphabetical order without those of the meter, value.</summary>
    public Dictionary<string, double> Of(string meter) =>
        _samples.Where(s => s.Meter == meter).ToDictionary(static s => s.Name + s.Labels, static s => s.Value, StringComparer.Ordinal);

    /// <summary>The family that a sample of a meter with this label belongs to.</summary>
    public string FamilyWith(string meter, string label) =>
        FamilyOf(_samples.First(s => s.Meter == meter && s.Labels.Contains(label, StringComparison.Ordinal)).Name);

    private string FamilyOf(string sample)
    {
        foreach (var suffix in (string[])["_bucket", "_sum", "_count"])
        {
            if (sample.EndsWith(suffix, StringComparison.Ordinal) && Types.GetValueOrDefault(sample[..^suffix.Length]) == "histogram")
                return sample[..^suffix.Length];
        }

        return sample;
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
        var match = SampleLine().Match(line);
        match.Success.ShouldBeTrue(line);
        var labels = Label().Matches(match.Groups["labels"].Value)
            .Select(static m => (Name: m.Groups["name"].Value, Value: m.Groups["value"].Value))
            .OrderBy(static l => l.Name, StringComparer.Ordinal).ToList();
        var name = match.Groups["name"].Value;
        _series.Add($"{name} {string.Join(',', labels)}").ShouldBeTrue($"{line} appears once");
        var own = labels.Where(static l => !l.Name.StartsWith("otel_scope_", StringComparison.Ordinal))
            .Select(static l => $"{l.Name}=\"{l.Value}\"");
        var text = string.Join(',', own);
        _samples.Add(new Sample(
            name,
            labels.Find(static l => l.Name == "otel_scope_name").Value ?? "",
            text.Length == 0 ? "" : $"{{{text}}}",
            Number(match.Groups["value"].Value)));
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(
        """"
        ^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*"
        (,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*")*)\})?[ ](?<value>\S+)$
        """",
        RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex SampleLine();

    [GeneratedRegex("(?<name>[a-zA-Z_][a-zA-Z0-9_]*)=\"(?<value>([^\"\\\\\n]|\\\\[\"\\\\n])*)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Label();

    private sealed record Sample(string Name, string Meter, string Labels, double Value);
}
