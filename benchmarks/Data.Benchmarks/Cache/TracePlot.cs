using System.Globalization;
using System.Text;

namespace Data.Benchmarks.Cache;

/// <summary>Draws a line per trace and size, from LRU's hit ratio to Belady's bound, with ours as a dot on it.</summary>
internal static class TracePlot
{
    private const int Width = 760, Left = 190, Right = 30, Top = 60, Step = 16;

    public static async Task WriteAsync(IReadOnlyList<TraceRow> rows, CancellationToken cancellationToken)
    {
        var path = Path.Combine("artifacts", "bench", "cache-traces.svg");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, Draw(rows), cancellationToken);
    }

    private static string Draw(IReadOnlyList<TraceRow> rows)
    {
        var height = Top + (rows.Count * Step) + 40;
        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\"");
        Line(svg, $" font-family=\"sans-serif\" font-size=\"12\">");
        Line(svg, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"white\"/>");
        Line(svg, $"<text x=\"20\" y=\"26\" font-size=\"16\">Hit ratio: LRU (left), Data.Cache (dot), Belady's bound (right)</text>");
        for (var ratio = 0; ratio <= 10; ratio += 2)
        {
            Line(svg, $"<path d=\"M{X(ratio / 10d):0.#} {Top - 12}V{height - 34}\" stroke=\"#ddd\"/>");
            Line(svg, $"<text x=\"{X(ratio / 10d):0.#}\" y=\"{height - 14}\" text-anchor=\"middle\">{ratio / 10d:0.0}</text>");
        }

        foreach (var (i, row) in rows.Index())
        {
            var y = Top + (i * Step);
            Line(svg, $"<text x=\"{Left - 12}\" y=\"{y + 4}\" text-anchor=\"end\">{row.Trace}, {row.Room}</text>");
            Line(svg, $"<path d=\"M{X(row.Lru):0.#} {y}H{X(row.Bound):0.#}\" stroke=\"#888\" stroke-width=\"2\"/>");
            Line(svg, $"<path d=\"M{X(row.Lru):0.#} {y - 4}v8M{X(row.Bound):0.#} {y - 4}v8\" stroke=\"#888\" stroke-width=\"2\"/>");
            Line(svg, $"<circle cx=\"{X(row.Ours):0.#}\" cy=\"{y}\" r=\"4\" fill=\"#0b62c4\"/>");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static double X(double ratio) => Left + (ratio * (Width - Left - Right));

    private static void Line(StringBuilder svg, FormattableString text) => svg.AppendLine(text.ToString(CultureInfo.InvariantCulture));
}
