using Data.Health;
using Data.Health.Contributors.Application;
using Data.Health.Evaluation;
using Data.Health.Internal;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds contributors for parts of the application, which it describes by delegates.</summary>
public static class DataHealthApplicationExtensions
{
    /// <summary>Adds any operation that succeeds or throws.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="ping">The operation; it should honour its token.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Critical; tag <c>dependency</c>.</remarks>
    public static DataHealthBuilder AddPing(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, Task> ping,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(ping);
        return builder.AddBuiltIn(name, sp => new PingCheck(Scoped.Each(sp, ping)), contributor, BuiltInKind.Dependency());
    }

    /// <summary>Adds a circuit breaker: closed is healthy, half-open degraded, open unhealthy.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="state">Reads its state.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional; tag <c>circuit</c>.</remarks>
    public static DataHealthBuilder AddCircuitBreaker(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CircuitHealth> state,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(state);
        return builder.AddBuiltIn(
            name,
            sp => new CircuitBreakerCheck(() => state(sp)),
            contributor,
            new BuiltInKind(Critical: false, Period: null, "circuit"));
    }

    /// <summary>Adds a scheduler: when a job last ran, and misfires.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="read">Reads when a job last ended and how many misfired.</param>
    /// <param name="configure">Its limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional; tag <c>upkeep</c>; runs once a minute.</remarks>
    public static DataHealthBuilder AddScheduler(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, ValueTask<SchedulerHealth>> read,
        Action<SchedulerHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(read);
        return builder.AddBuiltIn<SchedulerHealthOptions>(
            name,
            (sp, options) => new SchedulerCheck(options, Scoped.Each(sp, read), sp.GetRequiredService<TimeProvider>()),
            configure,
            contributor,
            BuiltInKind.Upkeep(TimeSpan.FromMinutes(1)));
    }

    /// <summary>Adds the length of a queue or the rows of a table, and how fast it grows.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="read">Counts the entries.</param>
    /// <param name="configure">Its limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional; tag <c>upkeep</c>; runs once a minute.</remarks>
    public static DataHealthBuilder AddGrowth(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, ValueTask<long>> read,
        Action<GrowthHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(read);
        return builder.AddBuiltIn<GrowthHealthOptions>(
            name,
            (sp, options) => new GrowthCheck(options, Scoped.Each(sp, read), sp.GetRequiredService<TimeProvider>()),
            configure,
            contributor,
            BuiltInKind.Upkeep(TimeSpan.FromMinutes(1)));
    }

    /// <summary>Adds the age of secrets: degraded when one is due for rotation.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="read">Lists the secrets and when they were made.</param>
    /// <param name="configure">Its limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional; tag <c>upkeep</c>; runs once an hour.</remarks>
    public static DataHealthBuilder AddSecretAge(
        this DataHealthBuilder builder,
        string name,
        Func<IServiceProvider, CancellationToken, ValueTask<IReadOnlyList<SecretHealth>>> read,
        Action<SecretAgeHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(read);
        return builder.AddBuiltIn<SecretAgeHealthOptions>(
            name,
            (sp, options) => new SecretAgeCheck(options, Scoped.Each(sp, read), sp.GetRequiredService<TimeProvider>()),
            configure,
            contributor,
            BuiltInKind.Upkeep(TimeSpan.FromHours(1)));
    }
}
