using Data.Health.Evaluation;
using Data.Health.Startup;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Endpoints;

/// <summary>Writes what the page draws.</summary>
internal static class PageData
{
    /// <summary>What a stranger sees: the status word, and how to sign in.</summary>
    public static byte[] Summary(HealthStatus status, string? keyHeader) => JsonBody.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("status"u8, status.ToString());
        json.WriteBoolean("detailed"u8, false);
        json.WriteString("keyHeader"u8, keyHeader);
        json.WriteEndObject();
    });

    public static byte[] Write(HealthEvaluator evaluator, StartupPhase phase, bool alive, HealthStatus status, DateTimeOffset now) =>
        JsonBody.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("status"u8, status.ToString());
            json.WriteBoolean("alive"u8, alive);
            json.WriteBoolean("ready"u8, phase.IsOpen);
            json.WriteString("now"u8, now);
            json.WriteBoolean("detailed"u8, true);
            json.WriteStartArray("notes"u8);
            JsonBody.WriteValues(json, phase.Notes);
            json.WriteEndArray();
            json.WriteStartArray("contributors"u8);
            foreach (var contributor in evaluator.Read())
                WriteContributor(json, contributor, evaluator);
            json.WriteEndArray();
            json.WriteEndObject();
        });

    private static void WriteContributor(System.Text.Json.Utf8JsonWriter json, ContributorHealth c, HealthEvaluator evaluator)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, c.Name);
        json.WriteString("status"u8, c.Status.ToString());
        json.WriteString("reason"u8, c.Reason);
        json.WriteString("description"u8, c.Description);
        json.WriteBoolean("critical"u8, c.Critical);
        json.WriteNumber("durationMs"u8, JsonBody.Round(c.Duration.TotalMilliseconds));
        json.WriteNumber("ageSeconds"u8, JsonBody.Round(c.Age.TotalSeconds));
        if (c.Since is { } since)
            json.WriteString("since"u8, since);
        json.WriteStartArray("tags"u8);
        JsonBody.WriteValues(json, c.Tags);
        json.WriteEndArray();
        json.WriteStartObject("data"u8);
        JsonBody.WriteData(json, c.Data);
        json.WriteEndObject();
        json.WriteStartArray("changes"u8);
        foreach (var change in evaluator.History(c.Name))
        {
            json.WriteStartObject();
            json.WriteString("at"u8, change.At);
            json.WriteString("to"u8, change.To.ToString());
            json.WriteString("reason"u8, change.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
