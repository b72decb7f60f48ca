using System.Text.Json;
using Data.Health.Evaluation;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Endpoints;

/// <summary>
/// <c>application/health+json</c> after draft-inadarei-api-health-check-06: <c>status</c> pass, warn or fail, and <c>checks</c> with one
/// <c>{component}:responseTime</c> entry per contributor, its other measurements in <c>data</c>.
/// </summary>
internal static class HealthJsonWriter
{
    public static byte[] Write(HealthReport report) => JsonBody.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("status"u8, Word(report.Status));
        if (report.Visibility != Visibility.Word)
        {
            WriteNotes(json, report.Notes);
            json.WriteStartObject("checks"u8);
            foreach (var contributor in report.Contributors)
                WriteChecks(json, contributor, report.Visibility == Visibility.Details);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    });

    private static void WriteNotes(Utf8JsonWriter json, IReadOnlyList<string> notes)
    {
        if (notes.Count == 0)
            return;
        json.WriteStartArray("notes"u8);
        JsonBody.WriteValues(json, notes);
        json.WriteEndArray();
    }

    private static void WriteChecks(Utf8JsonWriter json, ContributorHealth c, bool detailed)
    {
        json.WriteStartArray(detailed ? c.Name + ":responseTime" : c.Name);
        json.WriteStartObject();
        json.WriteString("componentType"u8, "component"u8);
        json.WriteString("status"u8, Word(c.Status));
        if (detailed)
            WriteMeasurements(json, c);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteMeasurements(Utf8JsonWriter json, ContributorHealth c)
    {
        json.WriteNumber("observedValue"u8, JsonBody.Round(c.Duration.TotalMilliseconds));
        json.WriteString("observedUnit"u8, "ms"u8);
        if (c.EvaluatedAt is { } at)
            json.WriteString("time"u8, at);

        // The draft lets implementations add fields; these are what an operator asks for next.
        json.WriteNumber("age"u8, JsonBody.Round(c.Age.TotalSeconds));
        json.WriteString("reason"u8, c.Reason);
        json.WriteBoolean("critical"u8, c.Critical);
        if (c.Description is { } description)
            json.WriteString("output"u8, description);
        json.WriteStartObject("data"u8);
        JsonBody.WriteData(json, c.Data);
        json.WriteEndObject();
    }

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "pass",
        HealthStatus.Degraded => "warn",
        _ => "fail",
    };
}
