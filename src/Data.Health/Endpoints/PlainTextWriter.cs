using System.Globalization;
using System.Text;

namespace Data.Health.Endpoints;

/// <summary>The status word, then a line per contributor for people with a terminal.</summary>
internal static class PlainTextWriter
{
    public static byte[] Write(HealthReport report)
    {
        if (report.Visibility == Visibility.Word)
            return Encoding.ASCII.GetBytes(report.Status.ToString());

        var text = new StringBuilder();
        text.Append(report.Status).Append('\n');
        foreach (var note in report.Notes)
            text.Append(note).Append('\n');
        foreach (var c in report.Contributors)
        {
            text.Append(CultureInfo.InvariantCulture, $"{c.Name}: {c.Status}");
            if (report.Visibility == Visibility.Details)
            {
                text.Append(CultureInfo.InvariantCulture, $" ({c.Reason}{(c.Critical ? "" : ", optional")})")
                    .Append(CultureInfo.InvariantCulture, $" in {c.Duration.TotalMilliseconds:0.###} ms, {c.Age.TotalSeconds:0.#} s ago");
            }

            text.Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
