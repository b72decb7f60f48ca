using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Process;

/// <summary>Space on the file system that holds a path.</summary>
internal sealed class DiskCheck(DiskHealthOptions options, Func<string, DiskSpace> measure) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (!System.IO.Path.Exists(options.Path))
            return Outcome.Of(HealthStatus.Unhealthy, "path_missing", "The path does not exist.");

        var space = measure(options.Path);
        var percent = space.UsedPercent;
        return new Outcome()
            .With("used_percent", Math.Round(percent, 1))
            .With("free_bytes", space.AvailableBytes)
            .With("total_bytes", space.TotalBytes)
            .FindIf(space.AvailableBytes < options.MinimumFreeBytes, HealthStatus.Unhealthy, "disk_full", "Less is free than the minimum.")
            .FindIf(percent >= options.UnhealthyPercent, HealthStatus.Unhealthy, "disk_full", "The disk is almost full.")
            .FindIf(percent >= options.DegradedPercent, HealthStatus.Degraded, "disk_filling", "The disk is filling up.")
            .Result();
    }
}

/// <summary>What a file system holds. Available leaves out the part reserved for root, free does not.</summary>
internal readonly record struct DiskSpace(long TotalBytes, long FreeBytes, long AvailableBytes)
{
    /// <summary>The share as df shows it: used of what an ordinary process can ever use.</summary>
    public double UsedPercent
    {
        get
        {
            var used = TotalBytes - FreeBytes;
            return used + AvailableBytes <= 0 ? 0 : 100.0 * used / (used + AvailableBytes);
        }
    }

    public static DiskSpace Measure(string path)
    {
        var drive = new DriveInfo(System.IO.Path.GetFullPath(path));
        return new DiskSpace(drive.TotalSize, drive.TotalFreeSpace, drive.AvailableFreeSpace);
    }
}
