using System.Globalization;
using System.Text.Json;
using Data.Health.Evaluation;

namespace Data.Health.Endpoints;

/// <summary>
/// The report that the Xabaril HealthChecks UI reads: <c>status</c>, <c>totalDuration</c> and <c>entries</c> by name, with camel-case
/// names and durations in .NET's constant format. Contributor fields that it does not know are additions it ignores.
/// </summary>
internal static class UiJsonWriter
{
    public static byte[] Write(HealthReport report) => JsonBody.Write(json =>
    {
        var detailed = report.Visibility == Visibility.Details;
        var total = detailed && report.Contributors is { Count: > 0 } all ? all.Max(c => c.Duration) : TimeSpan.Zero;
        json.WriteStartObject();
        json.WriteString("status"u8, report.Status.ToString());
        json.WriteString("totalDuration"u8, Text(total));
        json.WriteStartObject("entries"u8);
        foreach (var contributor in report.Contributors)
            WriteEntry(json, contributor, detailed);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void WriteEntry(Utf8JsonWriter json, ContributorHealth c, bool detailed)
    {
        json.WriteStartObject(c.Name);
        json.WriteStartObject("data"u8);
        if (detailed)
        {
            json.WriteNumber("ageSeconds"u8, JsonBody.Round(c.Age.TotalSeconds));
            json.WriteString("reason"u8, c.Reason);
            json.WriteBoolean("critical"u8, c.Critical);
            JsonBody.WriteData(json, c.Data);
        }

        json.WriteEndObject();
        if (detailed && c.Description is { } description)
            json.WriteString("description"u8, description);
        json.WriteString("duration"u8, Text(detailed ? c.Duration : TimeSpan.Zero));
        json.WriteString("status"u8, c.Status.ToString());
        json.WriteStartArray("tags"u8);
        if (detailed)
            JsonBody.WriteValues(json, c.Tags);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Text(TimeSpan duration) => duration.ToString("c", CultureInfo.InvariantCulture);
}
