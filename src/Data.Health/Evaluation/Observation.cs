using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>The result of one run of a check, before hysteresis.</summary>
internal sealed record Observation(
    HealthStatus Status,
    string Reason,
    string? Description,
    IReadOnlyDictionary<string, object> Data,
    TimeSpan Duration,
    bool Conclusive)
{
    public static readonly IReadOnlyDictionary<string, object> NoData = new Dictionary<string, object>(StringComparer.Ordinal);

    public static Observation From(HealthCheckResult result, TimeSpan duration) => new(
        result.Status,
        ReasonOf(result),
        result.Exception is null ? result.Description : null,
        result.Data,
        duration,
        Conclusive: false);

    public static Observation Of(HealthStatus status, string reason, TimeSpan duration, bool conclusive = false) =>
        new(status, reason, null, NoData, duration, conclusive);

    private static string ReasonOf(HealthCheckResult result)
    {
        if (result.Data.TryGetValue(HealthReasons.DataKey, out var value) && value is string code && HealthReasons.IsCode(code))
            return code;
        if (result.Exception is not null)
            return HealthReasons.Error;
        return result.Status switch
        {
            HealthStatus.Healthy => HealthReasons.Ok,
            HealthStatus.Degraded => HealthReasons.Degraded,
            _ => HealthReasons.Failed,
        };
    }
}
