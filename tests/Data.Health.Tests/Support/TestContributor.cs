using System.Diagnostics.Metrics;
using Data.Health.Evaluation;
using Data.Health.Internal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Health.Tests.Support;

internal static class TestContributor
{
    public static TrackedContributor Of(IHealthCheck check, Action<ContributorOptions>? configure = null, TimeProvider? time = null)
    {
        var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var builder = new ContributorPolicyBuilder();
        var options = new ContributorOptions();
        configure?.Invoke(options);
        builder.Apply(options);
        var registration = new HealthCheckRegistration("under-test", check, HealthStatus.Unhealthy, tags: null);
        time ??= TimeProvider.System;
        var runner = new CheckRunner(registration, services.GetRequiredService<IServiceScopeFactory>(), time, NullLogger.Instance);
        var metrics = new HealthMetrics(services.GetRequiredService<IMeterFactory>());
        return new TrackedContributor("under-test", builder.Build(), runner, 100, time, metrics, NullLogger.Instance);
    }

    public static ContributorHealth Read(this TrackedContributor contributor, TimeProvider? time = null) =>
        contributor.Read((time ?? TimeProvider.System).GetTimestamp());
}
