using System.Globalization;
using System.Text.Json;

namespace Data.Health.Endpoints;

/// <summary>
/// The report that the Xabaril HealthChecks UI reads: <c>status</c>, <c>totalDuration</c> and <c>entries</c> by name, with camel-case
/// names and durations in .NET's constant format. Contributor fields that it does not know are additions it ignores.
/// </summary>
internal static class UiJsonWriter
{
    public static byte[] Write(HealthReport report) => JsonBody.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("status"u8, report.Status.ToString());
        var total = report.Contributors is { Count: > 0 } all ? all.Max(c => c.Duration) : TimeSpan.Zero;
        json.WriteString("totalDuration"u8, total.ToString("c", CultureInfo.InvariantCulture));
        json.WriteStartObject("entries"u8);
        foreach (var c in report.Contributors ?? [])
        {
            json.WriteStartObject(c.Name);
            json.WriteStartObject("data"u8);
            json.WriteNumber("ageSeconds"u8, JsonBody.Round(c.Age.TotalSeconds));
            json.WriteString("reason"u8, c.Reason);
            json.WriteBoolean("critical"u8, c.Critical);
            JsonBody.WriteData(json, c.Data);
            json.WriteEndObject();
            if (c.Description is { } description)
                json.WriteString("description"u8, description);
            json.WriteString("duration"u8, c.Duration.ToString("c", CultureInfo.InvariantCulture));
            json.WriteString("status"u8, c.Status.ToString());
            json.WriteStartArray("tags"u8);
            foreach (var tag in c.Tags)
                json.WriteStringValue(tag);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });
}
