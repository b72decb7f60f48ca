using Data.Health;
using Data.Health.Contributors.Process;
using Data.Health.Evaluation;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds contributors for the process and its machine.</summary>
public static class DataHealthProcessExtensions
{
    /// <summary>Adds the space on the file system under a path: degraded at 85 %, unhealthy at 95 %.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="configure">Its limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Critical, as little works on a full disk; tag <c>resource</c>.</remarks>
    public static DataHealthBuilder AddDisk(
        this DataHealthBuilder builder,
        string name,
        Action<DiskHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddBuiltIn<DiskHealthOptions>(
            name,
            (_, options) => new DiskCheck(options, DiskSpace.Measure),
            configure,
            contributor,
            BuiltInKind.Resource(critical: true));
    }

    /// <summary>Adds memory, of the container if it has a limit, else of the machine: degraded at 85 %, unhealthy at 95 %.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="configure">Its limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Critical; tag <c>resource</c>.</remarks>
    public static DataHealthBuilder AddMemory(
        this DataHealthBuilder builder,
        string name,
        Action<MemoryHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddBuiltIn<MemoryHealthOptions>(
            name,
            (_, options) => new MemoryCheck(options, new MemoryReader()),
            configure,
            contributor,
            BuiltInKind.Resource(critical: true));
    }

    /// <summary>Adds thread-pool starvation: how long a work item waits.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="configure">Its limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional; tag <c>resource</c>.</remarks>
    public static DataHealthBuilder AddThreadPool(
        this DataHealthBuilder builder,
        string name,
        Action<ThreadPoolHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddBuiltIn<ThreadPoolHealthOptions>(
            name,
            (sp, options) => new ThreadPoolCheck(options, sp.GetRequiredService<TimeProvider>()),
            configure,
            contributor,
            BuiltInKind.Resource(critical: false));
    }

    /// <summary>Adds the share of time that garbage collections stop the process.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The contributor's name.</param>
    /// <param name="configure">Its limits; <see langword="null"/> for the defaults.</param>
    /// <param name="contributor">Its period, time-out, thresholds and tags; <see langword="null"/> for the defaults.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>Optional; tag <c>resource</c>.</remarks>
    public static DataHealthBuilder AddGcPressure(
        this DataHealthBuilder builder,
        string name,
        Action<GcPressureHealthOptions>? configure = null,
        Action<ContributorOptions>? contributor = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddBuiltIn<GcPressureHealthOptions>(
            name,
            (sp, options) => new GcPressureCheck(options, sp.GetRequiredService<TimeProvider>(), GC.GetTotalPauseDuration),
            configure,
            contributor,
            BuiltInKind.Resource(critical: false));
    }
}
