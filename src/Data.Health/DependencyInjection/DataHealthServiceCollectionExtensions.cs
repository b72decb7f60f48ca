using System.Diagnostics.CodeAnalysis;
using Data.Health;
using Data.Health.Configuration;
using Data.Health.DependencyInjection;
using Data.Health.Endpoints;
using Data.Health.Evaluation;
using Data.Health.Groups;
using Data.Health.Internal;
using Data.Health.Liveness;
using Data.Health.Notifications;
using Data.Health.Startup;
using Data.Health.Starvation;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Data.Health.</summary>
public static class DataHealthServiceCollectionExtensions
{
    /// <summary>Adds background evaluation of every registered health check, with default settings.</summary>
    /// <param name="services">The service collection.</param>
    /// <returns>A builder for contributors, groups, start-up steps and listeners.</returns>
    /// <remarks>Repeated calls add to the first one. <c>app.MapDataHealth()</c> serves the results.</remarks>
    /// <example>
    /// <code>
    /// builder.Services.AddDataHealth()
    ///     .AddRedis("redis", redis => redis.Host = "cache.example")
    ///     .AddDisk("disk")
    ///     .AddMemory("memory");
    /// // once the application is built:
    /// app.MapDataHealth();
    /// </code>
    /// </example>
    public static DataHealthBuilder AddDataHealth(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        var checks = services.AddHealthChecks();
        services.AddOptions<DataHealthOptions>().ValidateOnStart();
        services.AddHttpClient();
        services.AddMetrics();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DataHealthOptions>, DataHealthOptionsValidator>());
        // The process's own pool lags by the real clock, whichever the application has.
#pragma warning disable RS0030 // The default of the registration.
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => PoolLag.OfProcess(TimeProvider.System));
#pragma warning restore RS0030
        services.TryAddSingleton<HealthMetrics>();
        AddEvaluation(services);
        AddNotifications(services);
        AddEndpoints(services);
        return new DataHealthBuilder(checks);
    }

    /// <summary>Adds background evaluation of every registered health check, with settings from configuration.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="section">The section to bind to <see cref="DataHealthOptions"/>.</param>
    /// <returns>A builder for contributors, groups, start-up steps and listeners.</returns>
    public static DataHealthBuilder AddDataHealth(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var builder = services.AddDataHealth();
        services.AddOptions<DataHealthOptions>().Bind(section);
        services.AddSingleton(new BoundSection(section));
        return builder;
    }

    /// <summary>Adds background evaluation of every registered health check, with settings from code.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>A builder for contributors, groups, start-up steps and listeners.</returns>
    public static DataHealthBuilder AddDataHealth(this IServiceCollection services, Action<DataHealthOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var builder = services.AddDataHealth();
        services.Configure(configure);
        return builder;
    }

    private static void AddEvaluation(IServiceCollection services)
    {
        services.TryAddSingleton<IStartupGate>(sp => new StartupGate(
            sp.GetServices<StartupStepName>().Select(s => s.Name).Prepend(HostPhase.HostStep),
            sp.GetRequiredService<TimeProvider>(),
            sp.GetRequiredService<ILogger<StartupGate>>()));
        services.TryAddSingleton<HostPhase>();
        services.TryAddSingleton<ProcessControl>();
        services.TryAddSingleton<IHealthControl>(sp => sp.GetRequiredService<ProcessControl>());
        services.TryAddSingleton(CreateEvaluator);
        services.Replace(ServiceDescriptor.Singleton<HealthCheckService, EvaluatedHealthCheckService>());
        services.TryAddSingleton<IHealthMonitor>(sp => sp.GetRequiredService<HealthEvaluator>());
        services.TryAddSingleton(CreateGroups);
        services.TryAddSingleton(sp => new LivenessMonitor(
            sp.GetRequiredService<HealthEvaluator>(),
            sp.GetRequiredService<ProcessControl>(),
            Options(sp).LivenessMaxSilence,
            sp.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ILiveness>(sp => sp.GetRequiredService<LivenessMonitor>());

        // Groups first: an invalid group stops the start before anything runs. The dispatcher subscribes before the first change.
        AddHosted<GroupsAtStart>(services);
        AddHosted<ChangeDispatcher>(services);
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, HealthEvaluator>(sp => sp.GetRequiredService<HealthEvaluator>()));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, LivenessMonitor>(sp => sp.GetRequiredService<LivenessMonitor>()));
        AddHosted<EvaluationWatch>(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, Drain>(sp => new Drain(
            sp.GetRequiredService<HostPhase>(),
            Options(sp).ShutdownDelay,
            sp.GetRequiredService<TimeProvider>(),
            sp.GetRequiredService<ILogger<Drain>>())));
        AddHosted<EndpointsAtStart>(services);
        AddHosted<StartupStepService>(services);
    }

    private static void AddEndpoints(IServiceCollection services)
    {
        services.TryAddSingleton<StartupPhase>();
        services.TryAddSingleton(sp => Options(sp).Endpoints);
        services.TryAddSingleton<DetailsAuthorizer>();
        services.TryAddSingleton<HealthEndpoints>();
    }

    private static void AddNotifications(IServiceCollection services)
    {
        services.TryAddSingleton(sp => new WebhookSet(
            Options(sp).Webhooks,
            sp.GetRequiredService<IHttpClientFactory>(),
            sp.GetRequiredService<HealthMetrics>(),
            sp.GetRequiredService<TimeProvider>(),
            sp.GetRequiredService<ILogger<Webhook>>()));
    }

    private static void AddHosted<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        IServiceCollection services)
        where T : class, IHostedService =>
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, T>());

    private static HealthEvaluator CreateEvaluator(IServiceProvider services)
    {
        var options = Options(services);
        var time = services.GetRequiredService<TimeProvider>();
        var metrics = services.GetRequiredService<HealthMetrics>();
        var logger = services.GetRequiredService<ILogger<HealthEvaluator>>();
        var scopes = services.GetRequiredService<IServiceScopeFactory>();
        var lag = services.GetRequiredService<PoolLag>();
        var settings = services.GetServices<ContributorSettings>().ToArray();
        var registrations = services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations;
        return new HealthEvaluator([.. registrations.Select(Track)], metrics, time, logger);

        TrackedContributor Track(HealthCheckRegistration registration)
        {
            var policy = PolicyLayers.Merge(registration, options, settings).Build();
            var hung = new HungRuns(policy.MaxHungRuns, policy.HungRetryDelay, time);
            return new TrackedContributor(
                registration,
                policy,
                new CheckRunner(registration, hung, scopes, lag, time, logger),
                new ChangeReporter(registration.Name, policy.Critical, options.HistoryCount, metrics, time, logger),
                time,
                logger);
        }
    }

    private static HealthGroups CreateGroups(IServiceProvider services)
    {
        var options = Options(services);
        var codes = new HealthGroupOptions
        {
            DegradedStatusCode = options.Endpoints.DegradedStatusCode,
            UnhealthyStatusCode = options.Endpoints.UnhealthyStatusCode,
        };
        return new HealthGroups(
            services.GetRequiredService<HealthEvaluator>(),
            options.Groups,
            codes,
            services.GetRequiredService<TimeProvider>());
    }

    private static DataHealthOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<DataHealthOptions>>().Value;
}
