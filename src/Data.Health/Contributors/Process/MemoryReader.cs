using System.Globalization;

namespace Data.Health.Contributors.Process;

/// <summary>Used and available memory, and which of the sources said so.</summary>
internal readonly record struct MemoryUse(long UsedBytes, long LimitBytes, string Source);

/// <summary>
/// Reads memory from the tightest limit that applies: a cgroup v2 limit of the process's own group or one above it, a cgroup v1 limit, the
/// machine, and where none of these files exists what the runtime knows.
/// </summary>
/// <remarks>
/// Page cache that the kernel would drop first (inactive_file) does not count as used: a container that merely read a large file is not
/// short of memory. The kubelet counts its working set the same way.
/// </remarks>
internal sealed class MemoryReader(string root = "/")
{
    public MemoryUse Read() => CgroupV2() ?? CgroupV1() ?? Machine() ?? Runtime();

    private MemoryUse? CgroupV2()
    {
        var line = Lines("proc/self/cgroup").FirstOrDefault(l => l.StartsWith("0::", StringComparison.Ordinal));
        if (line is null)
            return null;

        MemoryUse? tightest = null;

        // Inside a container the path may lie outside of what is mounted; the mount's own root then holds the limit.
        for (var group = line[3..].Trim('/'); ; group = Parent(group))
        {
            var folder = Path.Combine("sys/fs/cgroup", group);
            if (Number(Path.Combine(folder, "memory.max")) is { } max && Number(Path.Combine(folder, "memory.current")) is { } current)
            {
                var used = Math.Max(0, current - Field(Path.Combine(folder, "memory.stat"), "inactive_file"));
                if (tightest is not { } t || (double)used / max > (double)t.UsedBytes / t.LimitBytes)
                    tightest = new MemoryUse(used, max, "cgroup-v2");
            }

            if (group.Length == 0)
                return tightest;
        }
    }

    private MemoryUse? CgroupV1()
    {
        const string Folder = "sys/fs/cgroup/memory/";
        if (Number(Folder + "memory.limit_in_bytes") is not { } limit || Number(Folder + "memory.usage_in_bytes") is not { } usage)
            return null;

        // v1 writes "no limit" as a number beyond any machine.
        if (limit >= long.MaxValue / 2)
            return null;
        return new MemoryUse(Math.Max(0, usage - Field(Folder + "memory.stat", "total_inactive_file")), limit, "cgroup-v1");
    }

    private MemoryUse? Machine()
    {
        var total = Field("proc/meminfo", "MemTotal:") * 1024;
        var available = Field("proc/meminfo", "MemAvailable:") * 1024;
        return total > 0 ? new MemoryUse(total - available, total, "machine") : null;
    }

    private static MemoryUse Runtime()
    {
        var info = GC.GetGCMemoryInfo();
        return new MemoryUse(info.MemoryLoadBytes, Math.Max(1, info.TotalAvailableMemoryBytes), "runtime");
    }

    private static string Parent(string group) => group.LastIndexOf('/') is var slash and > 0 ? group[..slash] : "";

    /// <summary>A file's only number; null if the file is absent or says "max".</summary>
    private long? Number(string path) =>
        Lines(path) is [var first, ..] && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0
            ? value
            : null;

    /// <summary>The number after a name in a file of "name value" lines, zero if it is not there.</summary>
    private long Field(string path, string name)
    {
        foreach (var line in Lines(path))
        {
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && words[0] == name
                && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return value;
            }
        }

        return 0;
    }

    private string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(root, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
