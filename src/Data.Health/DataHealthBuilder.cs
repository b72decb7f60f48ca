using System.Diagnostics.CodeAnalysis;
using Data.Health.Contributors;
using Data.Health.Endpoints;
using Data.Health.Evaluation;
using Data.Health.Groups;
using Data.Health.History;
using Data.Health.Notifications;
using Data.Health.Startup;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Data.Health;

/// <summary>
/// Adds contributors, groups, start-up steps and listeners. It is an <see cref="IHealthChecksBuilder"/>, so any extension method that
/// registers a check in the .NET ecosystem works on it, and every check registered anywhere is a contributor.
/// </summary>
/// <remarks>Not thread-safe; used while services are registered.</remarks>
public sealed class DataHealthBuilder : IHealthChecksBuilder
{
    private readonly IHealthChecksBuilder _checks;

    internal DataHealthBuilder(IHealthChecksBuilder checks) => _checks = checks;

    /// <summary>The service collection under construction.</summary>
    public IServiceCollection Services => _checks.Services;

    IHealthChecksBuilder IHealthChecksBuilder.Add(HealthCheckRegistration registration) => _checks.Add(registration);

    /// <summary>Adds a check as a contributor.</summary>
    /// <param name="name">Its name, unique without regard to case, without spaces and slashes.</param>
    /// <param name="factory">Makes or finds the check; called once per run within a scope.</param>
    /// <param name="configure">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    public DataHealthBuilder AddContributor(
        string name, Func<IServiceProvider, IHealthCheck> factory, Action<ContributorOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(factory);
        _checks.Add(new HealthCheckRegistration(name, factory, HealthStatus.Unhealthy, tags: null));
        return configure is null ? this : Configure(name, configure);
    }

    /// <summary>Sets how a contributor is evaluated that was or will be registered, here or by another package.</summary>
    /// <param name="contributor">Its name; a name that is not registered is an error at start.</param>
    /// <param name="configure">Its settings.</param>
    /// <returns>The same builder.</returns>
    public DataHealthBuilder Configure(string contributor, Action<ContributorOptions> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(contributor);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ContributorOptions();
        configure(options);
        Services.AddSingleton(new ContributorSettings(contributor, options));
        return this;
    }

    /// <summary>Adds a group that is served under <c>/health/{name}</c>.</summary>
    /// <param name="name">Its name, different from every contributor's.</param>
    /// <param name="configure">Which contributors belong to it and its status codes.</param>
    /// <returns>The same builder.</returns>
    public DataHealthBuilder AddGroup(string name, Action<HealthGroupOptions> configure)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure<DataHealthOptions>(options =>
        {
            if (!options.Groups.TryGetValue(name, out var group))
                options.Groups[name] = group = new HealthGroupOptions();
            configure(group);
        });
        return this;
    }

    /// <summary>Declares a start-up step that the application completes itself through <see cref="IStartupGate"/>.</summary>
    /// <param name="name">The step's name.</param>
    /// <returns>The same builder.</returns>
    public DataHealthBuilder AddStartupStep(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Services.AddSingleton(new StartupStepName(name));
        return this;
    }

    /// <summary>
    /// Declares a start-up step with its work. Steps run in order in the background while the host serves; one that throws is tried again
    /// with growing pauses of up to 30 s, and readiness waits.
    /// </summary>
    /// <param name="name">The step's name.</param>
    /// <param name="work">The work, within a scope of its own; it may run more than once.</param>
    /// <returns>The same builder.</returns>
    public DataHealthBuilder AddStartupStep(string name, Func<IServiceProvider, CancellationToken, Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        AddStartupStep(name);
        Services.AddSingleton(new StartupStep(name, work));
        return this;
    }

    /// <summary>Decides who sees details; replaces the authorization policy.</summary>
    /// <param name="authorize">Answers for one request; it should be quick, because it runs per probe that has credentials.</param>
    /// <returns>The same builder.</returns>
    public DataHealthBuilder AuthorizeDetails(Func<HttpContext, ValueTask<bool>> authorize)
    {
        ArgumentNullException.ThrowIfNull(authorize);
        Services.AddSingleton(new DetailsDelegate(authorize));
        return this;
    }

    /// <summary>Calls a delegate on each change of a contributor's status.</summary>
    /// <param name="handle">Handles one change; see <see cref="IHealthChangeListener"/>.</param>
    /// <returns>The same builder.</returns>
    public DataHealthBuilder OnChange(Func<HealthChange, CancellationToken, ValueTask> handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        Services.AddSingleton<IHealthChangeListener>(new DelegateListener(handle));
        return this;
    }

    /// <summary>
    /// Adds one of this package's contributors: one instance for the life of the application, disposed of with it, with named options that
    /// are validated at start and settings that the application can override.
    /// </summary>
    internal DataHealthBuilder AddBuiltIn<[DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(
        string name,
        Func<IServiceProvider, TOptions, IHealthCheck> create,
        Action<TOptions>? configure,
        Action<ContributorOptions>? contributor,
        BuiltInKind kind)
        where TOptions : class, IContributorSettings
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var options = Services.AddOptions<TOptions>(name);
        if (configure is not null)
            options.Configure(configure);
        options.ValidateOnStart();
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, ContributorSettingsValidator<TOptions>>());
        return AddBuiltIn(name, sp => create(sp, sp.GetRequiredService<IOptionsMonitor<TOptions>>().Get(name)), contributor, kind);
    }

    internal DataHealthBuilder AddBuiltIn(
        string name, Func<IServiceProvider, IHealthCheck> create, Action<ContributorOptions>? contributor, BuiltInKind kind)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var key = new BuiltInKey(name);
        Services.AddKeyedSingleton(key, (sp, _) => create(sp));
        return AddContributor(name, sp => sp.GetRequiredKeyedService<IHealthCheck>(key), options =>
        {
            options.ShowDescription = true;
            options.Critical = kind.Critical;
            options.Period = kind.Period;
            foreach (var tag in kind.Tags)
                options.Tags.Add(tag);
            contributor?.Invoke(options);
        });
    }

    private sealed record BuiltInKey(string Name);
}
