using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Data.Benchmarks.Runner;

/// <summary>Writes <c>summary.json</c> for machines and <c>summary.md</c> for people.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public static string Line(Measure m) => string.Create(
        CultureInfo.InvariantCulture,
        $"{m.Name}: {m.Ratio:0.###}{(m.Baseline is null ? " " + m.Unit : "×")} (limit {Sign(m)} {m.Limit:0.###}) {Verdict(m)}");

    public static void Write(string folder, IReadOnlyList<Measure> measures, IReadOnlyList<string> notes, bool quick)
    {
        Directory.CreateDirectory(folder);
        var rows = measures.Select(m => new
        {
            name = m.Name,
            area = m.Area,
            value = Finite(m.Value),
            baseline = m.Baseline,
            ratio = Finite(m.Ratio),
            unit = m.Unit,
            limit = m.Limit,
            direction = m.Direction == Direction.Max ? "max" : "min",
            pass = m.Pass,
            rounds = m.Rounds,
            spread = Finite(m.Spread),
        });
        File.WriteAllText(Path.Combine(folder, "summary.json"), JsonSerializer.Serialize(rows, Json) + "\n");
        File.WriteAllText(Path.Combine(folder, "summary.md"), Markdown(measures, notes, quick));
    }

    private static string Markdown(IReadOnlyList<Measure> measures, IReadOnlyList<string> notes, bool quick)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Benchmarks ({(quick ? "quick" : "full")})\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Machine()}\n\n");
        text.Append("| Area | Measure | Value | Baseline | Ratio | Limit | Spread | Rounds | |\n|---|---|--:|--:|--:|--:|--:|--:|---|\n");
        foreach (var m in measures)
        {
            var baseline = m.Baseline is { } b ? string.Create(CultureInfo.InvariantCulture, $"{b:G4} {m.Unit}") : "";
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {m.Area} | {m.Name} | {m.Value:G4} {m.Unit} | {baseline} | {m.Ratio:0.###} | {Sign(m)} {m.Limit:0.###} | "
                + $"{m.Spread:P0} | {m.Rounds} | {Verdict(m)} |\n");
        }

        if (notes.Count > 0)
            text.Append("\n## Notes\n\n").AppendJoin('\n', notes.Select(note => $"- {note}")).Append('\n');
        return text.ToString();
    }

    private static string Machine()
    {
        var cpu = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1]
                .Trim()
            : null;
        return $"{cpu ?? "unknown processor"}, {Environment.ProcessorCount} cores, "
            + $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.FrameworkDescription}";
    }

    private static string Sign(Measure m) => m.Direction == Direction.Max ? "≤" : "≥";

    private static string Verdict(Measure m) => m.Pass ? "ok" : m.WithinTolerance ? "missed, within 25 %" : "MISSED";

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
