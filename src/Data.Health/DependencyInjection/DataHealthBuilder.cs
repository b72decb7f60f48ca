using Data.Health.Endpoints;
using Data.Health.Evaluation;
using Data.Health.Groups;
using Data.Health.History;
using Data.Health.Notifications;
using Data.Health.Startup;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health;

/// <summary>
/// Adds contributors, groups, start-up steps and listeners. It implements <see cref="IHealthChecksBuilder"/>, so every extension method
/// that registers a health check works on it. Every registered check is a contributor.
/// </summary>
/// <remarks>Not thread-safe; for use while services are registered.</remarks>
public sealed class DataHealthBuilder : IHealthChecksBuilder
{
    private readonly IHealthChecksBuilder _checks;

    internal DataHealthBuilder(IHealthChecksBuilder checks) => _checks = checks;

    /// <summary>The service collection under construction.</summary>
    public IServiceCollection Services => _checks.Services;

    IHealthChecksBuilder IHealthChecksBuilder.Add(HealthCheckRegistration registration) => _checks.Add(registration);

    /// <summary>Adds a check as a contributor.</summary>
    /// <param name="name">
    /// Its name, unique (case-insensitive). The path <c>/health/{name}</c> has hyphens for characters that a path would escape:
    /// <c>database circuit</c> is served under <c>/health/database-circuit</c>.
    /// </param>
    /// <param name="factory">Creates or resolves the check; called once per run within a scope.</param>
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

    /// <summary>Changes the settings of a contributor, whether this builder or another package registers it, before or after.</summary>
    /// <param name="contributor">The contributor's name; a name that is not registered is an error at start.</param>
    /// <param name="configure">Sets its period, time-out, thresholds and tags.</param>
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
    /// <param name="name">The group's name; no contributor may have the same name.</param>
    /// <param name="configure">Selects its members and sets its status codes.</param>
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
    /// <param name="name">The step's name, unique (case-insensitive); <c>host</c> is reserved.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The name is reserved, or a step has it already.</exception>
    public DataHealthBuilder AddStartupStep(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (string.Equals(name, HostPhase.HostStep, StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"The start-up step '{name}' has a reserved name: it is the host's own step.", nameof(name));
        if (Services.Any(s => s.ImplementationInstance is StartupStepName step && step.IsSame(name)))
        {
            throw new ArgumentException(
                $"There is a start-up step '{name}' already; the first of two to end would open readiness. Give each a name of its own.",
                nameof(name));
        }

        Services.AddSingleton(new StartupStepName(name));
        return this;
    }

    /// <summary>
    /// Declares a start-up step with its work. Steps run in order in the background while the host serves. A step that throws is retried
    /// with increasing pauses of up to 30 s; readiness waits for it.
    /// </summary>
    /// <param name="name">The step's name, unique (case-insensitive); <c>host</c> is reserved.</param>
    /// <param name="work">The work, called within its own scope; it may run more than once.</param>
    /// <returns>The same builder.</returns>
    public DataHealthBuilder AddStartupStep(string name, Func<IServiceProvider, CancellationToken, Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        AddStartupStep(name);
        Services.AddSingleton(new StartupStep(name, work));
        return this;
    }

    /// <summary>Decides which callers see details; replaces the authorization policy.</summary>
    /// <param name="authorize">
    /// Decides for one request. It runs for every probe: it should answer from memory. When it takes longer than
    /// <see cref="HealthEndpointOptions.AuthorizationTimeout"/> or throws, the caller is treated as a stranger; <c>RequestAborted</c> is
    /// cancelled, and the request must not be used any more.
    /// </param>
    /// <returns>The same builder.</returns>
    public DataHealthBuilder AuthorizeDetails(Func<HttpContext, ValueTask<bool>> authorize)
    {
        ArgumentNullException.ThrowIfNull(authorize);
        Services.AddSingleton(new DetailsDelegate(authorize));
        return this;
    }

    /// <summary>Calls a delegate on each change of a contributor's status.</summary>
    /// <param name="handle">Handles one change, with the application's services; see <see cref="IHealthChangeListener"/>.</param>
    /// <returns>The same builder.</returns>
    public DataHealthBuilder OnChange(Func<IServiceProvider, HealthChange, CancellationToken, Task> handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        Services.AddSingleton<IHealthChangeListener>(provider => new DelegateListener(provider, handle));
        return this;
    }
}
