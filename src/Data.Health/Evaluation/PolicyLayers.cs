using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>Settings of one contributor from code.</summary>
internal sealed record ContributorSettings(string Name, ContributorOptions Options);

/// <summary>Merges the settings of a contributor, the later layer wins: defaults, registration, code, configuration.</summary>
internal static class PolicyLayers
{
    public static ContributorPolicyBuilder Merge(
        HealthCheckRegistration registration, DataHealthOptions options, IEnumerable<ContributorSettings> settings)
    {
        var policy = new ContributorPolicyBuilder();
        policy.Apply(options.Defaults);
        policy.Tags.UnionWith(registration.Tags);
        if (registration.Timeout > TimeSpan.Zero)
            policy.Timeout = registration.Timeout;
        if (registration.Delay is { } delay && delay > TimeSpan.Zero)
            policy.Delay = delay;
        if (registration.Period is { } period && period > TimeSpan.Zero)
            policy.Period = period;
        foreach (var setting in settings.Where(s => string.Equals(s.Name, registration.Name, StringComparison.OrdinalIgnoreCase)))
            policy.Apply(setting.Options);
        if (options.Contributors.TryGetValue(registration.Name, out var configured))
            policy.Apply(configured);
        return policy;
    }
}
