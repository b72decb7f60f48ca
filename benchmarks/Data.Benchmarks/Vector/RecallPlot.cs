using System.Globalization;
using System.Text;

namespace Data.Benchmarks.Vector;

/// <summary>Draws queries per second (logarithmic) over recall as SVG; up and to the right is better.</summary>
internal sealed class RecallPlot(string title)
{
    private const int Width = 760, Height = 460, Left = 80, Right = 30, Top = 50, Bottom = 60;
    private const double LeastRecall = 0.80;

    private static readonly string[] Colours = ["#0b62c4", "#d1560f", "#3a8a3a", "#7a4fb5"];

    private readonly List<(string Name, (double Recall, double Rate)[] Points)> _lines = [];

    public void Add(string name, IEnumerable<(double Recall, double Rate)> points) =>
        _lines.Add((name, [.. points.Where(p => p.Recall >= LeastRecall).OrderBy(p => p.Recall)]));

    public string Draw()
    {
        var rates = _lines.SelectMany(l => l.Points).Select(p => p.Rate).DefaultIfEmpty(1).ToArray();
        double low = Math.Floor(Math.Log2(rates.Min())), high = Math.Max(low + 1, Math.Ceiling(Math.Log2(rates.Max())));
        double X(double recall) => Left + ((recall - LeastRecall) / (1 - LeastRecall) * (Width - Left - Right));
        double Y(double rate) => Height - Bottom - ((Math.Log2(rate) - low) / (high - low) * (Height - Top - Bottom));

        var svg = new StringBuilder();
        Line(
            svg,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"13\">");
        Line(
            svg,
            $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/><text x=\"{Left}\" y=\"28\" font-size=\"16\">{title}</text>");
        for (var power = low; power <= high; power++)
        {
            var y = Y(Math.Pow(2, power));
            Line(
                svg,
                $"<path d=\"M{Left} {y:0.#}H{Width - Right}\" stroke=\"#ddd\"/>",
                $"<text x=\"{Left - 8}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{Math.Pow(2, power):0}</text>");
        }

        for (var recall = LeastRecall; recall < 1.001; recall += 0.05)
        {
            Line(
                svg,
                $"<path d=\"M{X(recall):0.#} {Top}V{Height - Bottom}\" stroke=\"#ddd\"/>",
                $"<text x=\"{X(recall):0.#}\" y=\"{Height - Bottom + 20}\" text-anchor=\"middle\">{recall:0.00}</text>");
        }

        Line(svg, $"<text x=\"{(Width + Left - Right) / 2}\" y=\"{Height - 12}\" text-anchor=\"middle\">recall@10</text>");
        Line(
            svg,
            $"<text x=\"20\" y=\"{Height / 2}\" text-anchor=\"middle\" transform=\"rotate(-90 20 {Height / 2})\">",
            $"queries per second of one core</text>");
        foreach (var (i, (name, points)) in _lines.Index())
        {
            var colour = Colours[i % Colours.Length];
            var path = string.Join(
                ' ',
                points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.Recall):0.#},{Y(p.Rate):0.#}")));
            Line(svg, $"<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
            foreach (var p in points)
                Line(svg, $"<circle cx=\"{X(p.Recall):0.#}\" cy=\"{Y(p.Rate):0.#}\" r=\"3\" fill=\"{colour}\"/>");
            Line(
                svg,
                $"<text x=\"{Left + 14}\" y=\"{Height - Bottom - 14 - (18 * (_lines.Count - 1 - i))}\" fill=\"{colour}\">{name}</text>");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Line(StringBuilder svg, params FormattableString[] parts)
    {
        foreach (var part in parts)
            svg.Append(part.ToString(CultureInfo.InvariantCulture));
        svg.Append('\n');
    }
}
