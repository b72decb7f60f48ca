using System.Globalization;
using System.Text;

namespace Data.Health.Endpoints;

/// <summary>The status word, then a line per contributor for people with a terminal.</summary>
internal static class PlainTextWriter
{
    public static byte[] Write(HealthReport report)
    {
        if (report.Contributors is not { } contributors)
            return Encoding.ASCII.GetBytes(report.Status.ToString());

        var text = new StringBuilder();
        text.Append(report.Status).Append('\n');
        foreach (var note in report.Notes)
            text.Append(note).Append('\n');
        foreach (var c in contributors)
        {
            text.Append(CultureInfo.InvariantCulture, $"{c.Name}: {c.Status} ({c.Reason}{(c.Critical ? "" : ", optional")})")
                .Append(CultureInfo.InvariantCulture, $" in {c.Duration.TotalMilliseconds:0.###} ms, {c.Age.TotalSeconds:0.#} s ago\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
