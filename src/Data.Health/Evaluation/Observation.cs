using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>The result of one run of a check, before hysteresis.</summary>
internal sealed record Observation(
    HealthStatus Status,
    string Reason,
    string? Description,
    Exception? Exception,
    IReadOnlyDictionary<string, object> Data,
    TimeSpan Duration)
{
    public static readonly IReadOnlyDictionary<string, object> NoData = new Dictionary<string, object>(StringComparer.Ordinal);

    /// <summary>Whether a second run would tell nothing new: the time-out has outlasted every retransmission of a lost packet.</summary>
    public bool Conclusive { get; init; }

    /// <summary>Whether the process itself was too late to judge the check; such an observation counts for nothing.</summary>
    public bool Discounted { get; init; }

    public static Observation From(HealthCheckResult result, TimeSpan duration) =>
        new(result.Status, ReasonOf(result), result.Description, result.Exception, result.Data, duration);

    public static Observation Of(HealthStatus status, string reason, TimeSpan duration, Exception? exception = null) =>
        new(status, reason, null, exception, NoData, duration);

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
