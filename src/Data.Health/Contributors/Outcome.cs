using Data.Health.Evaluation;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors;

/// <summary>Collects what a check found: the worst finding becomes the status and its code the reason.</summary>
internal sealed class Outcome
{
    private readonly Dictionary<string, object> _data = new(StringComparer.Ordinal);
    private HealthStatus _status = HealthStatus.Healthy;
    private string? _description;

    public static HealthCheckResult Of(HealthStatus status, string reason, string description) =>
        new Outcome().Find(status, reason, description).Result();

    /// <summary>Adds a measurement; null ones are left out.</summary>
    public Outcome With(string key, object? value)
    {
        if (value is not null)
            _data[key] = value;
        return this;
    }

    /// <summary>Adds a finding. The description is this package's own words, never those of an exception or a server.</summary>
    public Outcome Find(HealthStatus status, string reason, string description)
    {
        if (status < _status)
        {
            _status = status;
            _description = description;
            _data[HealthReasons.DataKey] = reason;
        }

        return this;
    }

    public Outcome FindIf(bool condition, HealthStatus status, string reason, string description) =>
        condition ? Find(status, reason, description) : this;

    public HealthCheckResult Result() => new(_status, _description, exception: null, _data);
}
