using Data.Health;
using Data.Health.Contributors.Application;
using Data.Health.DependencyInjection;
using Data.Health.Evaluation;
using Data.Health.Internal;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds contributors for parts of the application, which delegates describe.</summary>
public static class DataHealthApplicationExtensions
{
    /// <summary>Adds an operation that succeeds or throws.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="ping">The operation, called within its own scope; it should honour its token.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Critical. Tag <c>dependency</c>.</remarks>
    public static DataHealthBuilder AddPing(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, Task> ping,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(ping);
        return builder.AddBuiltIn(name, sp => new PingCheck(Scoped.Each(sp, ping)), BuiltInKind.Dependency(), contributor);
    }

    /// <summary>Adds a circuit breaker: closed is healthy, half-open degraded, open unhealthy.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="state">Returns its state.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional. Tag <c>circuit</c>.</remarks>
    public static DataHealthBuilder AddCircuitBreaker(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CircuitHealth> state,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        return builder.AddBuiltIn(
            name,
            sp => new CircuitBreakerCheck(() => state(sp)),
            new BuiltInKind(Critical: false, Period: null, "circuit"),
            contributor);
    }

    /// <summary>Adds a scheduler: the time of its last run, and misfires.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="read">Returns when a job last ended and how many misfired.</param>
    /// <param name="configure">Sets the limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional. Tag <c>upkeep</c>; runs once a minute.</remarks>
    public static DataHealthBuilder AddScheduler(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, ValueTask<SchedulerHealth>> read,
        Action<SchedulerHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(read);
        return builder.AddBuiltIn(name, Scheduler(read), configure, contributor);
    }

    /// <summary>Adds a scheduler: the time of its last run, and misfires, with options from configuration.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="read">Returns when a job last ended and how many misfired.</param>
    /// <param name="section">The section to bind to <see cref="SchedulerHealthOptions"/>.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional. Tag <c>upkeep</c>; runs once a minute.</remarks>
    public static DataHealthBuilder AddScheduler(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, ValueTask<SchedulerHealth>> read,
        IConfigurationSection section,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(read);
        return builder.AddBuiltIn(name, Scheduler(read), section, static (o, s) => o.Bind(s), contributor);
    }

    /// <summary>Adds the length of a queue or the number of rows of a table, and its growth.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="read">Counts the entries.</param>
    /// <param name="configure">Sets the limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional. Tag <c>upkeep</c>; runs once a minute.</remarks>
    public static DataHealthBuilder AddGrowth(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, ValueTask<long>> read,
        Action<GrowthHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(read);
        return builder.AddBuiltIn(name, Growth(read), configure, contributor);
    }

    /// <summary>Adds the length of a queue or the number of rows of a table, and its growth, with options from configuration.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="read">Counts the entries.</param>
    /// <param name="section">The section to bind to <see cref="GrowthHealthOptions"/>.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional. Tag <c>upkeep</c>; runs once a minute.</remarks>
    public static DataHealthBuilder AddGrowth(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, ValueTask<long>> read,
        IConfigurationSection section,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(read);
        return builder.AddBuiltIn(name, Growth(read), section, static (o, s) => o.Bind(s), contributor);
    }

    /// <summary>Adds the age of secrets: degraded when one is due for rotation.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="read">Lists the secrets and when each was created.</param>
    /// <param name="configure">Sets the limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional. Tag <c>upkeep</c>; runs once an hour.</remarks>
    public static DataHealthBuilder AddSecretAge(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, ValueTask<IReadOnlyList<SecretHealth>>> read,
        Action<SecretAgeHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(read);
        return builder.AddBuiltIn(name, SecretAge(read), configure, contributor);
    }

    /// <summary>Adds the age of secrets: degraded when one is due for rotation, with options from configuration.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="read">Lists the secrets and when each was created.</param>
    /// <param name="section">The section to bind to <see cref="SecretAgeHealthOptions"/>.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional. Tag <c>upkeep</c>; runs once an hour.</remarks>
    public static DataHealthBuilder AddSecretAge(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, ValueTask<IReadOnlyList<SecretHealth>>> read,
        IConfigurationSection section,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(read);
        return builder.AddBuiltIn(name, SecretAge(read), section, static (o, s) => o.Bind(s), contributor);
    }

    private static BuiltIn<SchedulerHealthOptions> Scheduler(
        Func<IServiceProvider, CancellationToken, ValueTask<SchedulerHealth>> read) => new(
        (sp, options) => new SchedulerCheck(options, Scoped.Each(sp, read), sp.GetRequiredService<TimeProvider>()),
        BuiltInKind.Upkeep(TimeSpan.FromMinutes(1)));

    private static BuiltIn<GrowthHealthOptions> Growth(Func<IServiceProvider, CancellationToken, ValueTask<long>> read) => new(
        (sp, options) => new GrowthCheck(options, Scoped.Each(sp, read), sp.GetRequiredService<TimeProvider>()),
        BuiltInKind.Upkeep(TimeSpan.FromMinutes(1)));

    private static BuiltIn<SecretAgeHealthOptions> SecretAge(
        Func<IServiceProvider, CancellationToken, ValueTask<IReadOnlyList<SecretHealth>>> read) => new(
        (sp, options) => new SecretAgeCheck(options, Scoped.Each(sp, read), sp.GetRequiredService<TimeProvider>()),
        BuiltInKind.Upkeep(TimeSpan.FromHours(1)));
}
