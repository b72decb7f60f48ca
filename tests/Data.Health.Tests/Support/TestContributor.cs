using System.Diagnostics.Metrics;
using Data.Health.Evaluation;
using Data.Health.Internal;
using Data.Health.Starvation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Health.Tests.Support;

internal static class TestContributor
{
    public static TrackedContributor Of(
        IHealthCheck check,
        Action<ContributorOptions>? configure = null,
        TimeProvider? time = null,
        PoolLag? lag = null,
        ILogger? logger = null)
    {
        var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var builder = new ContributorPolicyBuilder();
        var options = new ContributorOptions();
        configure?.Invoke(options);
        builder.Apply(options);
        var registration = new HealthCheckRegistration("under-test", check, HealthStatus.Unhealthy, tags: null);
        time ??= TimeProvider.System;
        var policy = builder.Build();
        var hung = new HungRuns(policy.MaxHungRuns, policy.HungRetryDelay, time);
        lag ??= new PoolLag(TimeProvider.System, work => work());
        logger ??= NullLogger.Instance;
        var runner = new CheckRunner(registration, hung, services.GetRequiredService<IServiceScopeFactory>(), lag, time, logger);
        var metrics = new HealthMetrics(services.GetRequiredService<IMeterFactory>());
        var reporter = new ChangeReporter("under-test", policy.Critical, 100, metrics, time, logger);
        return new TrackedContributor(registration, policy, runner, reporter, time, logger);
    }

    public static ContributorHealth Read(this TrackedContributor contributor, TimeProvider? time = null) =>
        contributor.Read((time ?? TimeProvider.System).GetTimestamp());
}
