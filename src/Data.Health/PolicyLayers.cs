using Data.Health.Evaluation;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health;

/// <summary>Settings of one contributor given in code.</summary>
internal sealed record ContributorSettings(string Name, ContributorOptions Options);

/// <summary>Lays the settings of a contributor over each other: defaults, registration, code, configuration.</summary>
internal static class PolicyLayers
{
    public static ContributorPolicyBuilder Merge(
        HealthCheckRegistration registration, DataHealthOptions options, IEnumerable<ContributorSettings> settings)
    {
        var policy = new ContributorPolicyBuilder();
        options.Defaults.ApplyTo(policy);
        policy.Tags.UnionWith(registration.Tags);
        if (registration.Timeout > TimeSpan.Zero)
            policy.Timeout = registration.Timeout;
        if (registration.Period is { } period && period > TimeSpan.Zero)
            policy.Period = period;
        foreach (var setting in settings.Where(s => string.Equals(s.Name, registration.Name, StringComparison.OrdinalIgnoreCase)))
            setting.Options.ApplyTo(policy);
        if (options.Contributors.TryGetValue(registration.Name, out var configured))
            configured.ApplyTo(policy);
        return policy;
    }
}
