using Data.Health;
using Data.Health.Contributors.Process;
using Data.Health.DependencyInjection;
using Data.Health.Evaluation;
using Data.Health.Starvation;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds contributors for the process and its machine.</summary>
public static class DataHealthProcessExtensions
{
    private static readonly BuiltIn<DiskHealthOptions> Disk = new(
        (_, options) => new DiskCheck(options, DiskSpace.Measure), BuiltInKind.Resource(critical: true));

    private static readonly BuiltIn<MemoryHealthOptions> Memory = new(
        (_, options) => new MemoryCheck(options, new MemoryReader()), BuiltInKind.Resource(critical: true));

    private static readonly BuiltIn<ThreadPoolHealthOptions> Pool = new(
        (sp, options) => new ThreadPoolCheck(options, sp.GetRequiredService<PoolLag>()), BuiltInKind.Resource(critical: false));

    private static readonly BuiltIn<GcPressureHealthOptions> GcPressure = new(
        (sp, options) => new GcPressureCheck(options, sp.GetRequiredService<TimeProvider>(), GC.GetTotalPauseDuration),
        BuiltInKind.Resource(critical: false));

    /// <summary>Adds the space on the file system that holds a path: degraded at 85 % used, unhealthy at 95 %.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="configure">Sets the path and the limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Critical, because little works on a full disk. Tag <c>resource</c>.</remarks>
    public static DataHealthBuilder AddDisk(
        this DataHealthBuilder builder,
        string name,
        Action<DiskHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null) =>
        builder.AddBuiltIn(name, Disk, configure, contributor);

    /// <summary>
    /// Adds the space on the file system that holds a path: degraded at 85 % used, unhealthy at 95 %, with options from configuration.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="section">The section to bind to <see cref="DiskHealthOptions"/>.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Critical, because little works on a full disk. Tag <c>resource</c>.</remarks>
    public static DataHealthBuilder AddDisk(
        this DataHealthBuilder builder,
        string name,
        IConfigurationSection section,
        Action<ContributorOptions>? contributor = null) =>
        builder.AddBuiltIn(name, Disk, section, static (o, s) => o.Bind(s), contributor);

    /// <summary>
    /// Adds memory, of the container if it has a limit, otherwise of the machine: degraded at 85 % used, unhealthy at 95 %.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="configure">Sets the limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Critical. Tag <c>resource</c>.</remarks>
    public static DataHealthBuilder AddMemory(
        this DataHealthBuilder builder,
        string name,
        Action<MemoryHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null) =>
        builder.AddBuiltIn(name, Memory, configure, contributor);

    /// <summary>
    /// Adds memory, of the container if it has a limit, otherwise of the machine: degraded at 85 % used, unhealthy at 95 %, with options
    /// from configuration.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="section">The section to bind to <see cref="MemoryHealthOptions"/>.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Critical. Tag <c>resource</c>.</remarks>
    public static DataHealthBuilder AddMemory(
        this DataHealthBuilder builder,
        string name,
        IConfigurationSection section,
        Action<ContributorOptions>? contributor = null) =>
        builder.AddBuiltIn(name, Memory, section, static (o, s) => o.Bind(s), contributor);

    /// <summary>Adds thread-pool starvation: how long a work item waits for a thread.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="configure">Sets the limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional. Tag <c>resource</c>.</remarks>
    public static DataHealthBuilder AddThreadPool(
        this DataHealthBuilder builder,
        string name,
        Action<ThreadPoolHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null) =>
        builder.AddBuiltIn(name, Pool, configure, contributor);

    /// <summary>Adds thread-pool starvation: how long a work item waits for a thread, with options from configuration.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="section">The section to bind to <see cref="ThreadPoolHealthOptions"/>.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional. Tag <c>resource</c>.</remarks>
    public static DataHealthBuilder AddThreadPool(
        this DataHealthBuilder builder,
        string name,
        IConfigurationSection section,
        Action<ContributorOptions>? contributor = null) =>
        builder.AddBuiltIn(name, Pool, section, static (o, s) => o.Bind(s), contributor);

    /// <summary>Adds the share of time during which garbage collections pause the process.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="configure">Sets the limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional. Tag <c>resource</c>.</remarks>
    public static DataHealthBuilder AddGcPressure(
        this DataHealthBuilder builder,
        string name,
        Action<GcPressureHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null) =>
        builder.AddBuiltIn(name, GcPressure, configure, contributor);

    /// <summary>Adds the share of time during which garbage collections pause the process, with options from configuration.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="section">The section to bind to <see cref="GcPressureHealthOptions"/>.</param>
    /// <param name="contributor">Sets its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional. Tag <c>resource</c>.</remarks>
    public static DataHealthBuilder AddGcPressure(
        this DataHealthBuilder builder,
        string name,
        IConfigurationSection section,
        Action<ContributorOptions>? contributor = null) =>
        builder.AddBuiltIn(name, GcPressure, section, static (o, s) => o.Bind(s), contributor);
}
