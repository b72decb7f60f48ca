using System.Globalization;

namespace Data.Health.Contributors.Process;

/// <summary>Used and available memory, and which of the sources said so.</summary>
internal readonly record struct MemoryUse(long UsedBytes, long LimitBytes, string Source);

/// <summary>
/// Reads memory from the tightest limit that applies: that of the process's own cgroup (v2 or v1) or one above it, if it is below the
/// memory of the machine; otherwise the machine, and where none of these files exists what the runtime knows.
/// </summary>
/// <remarks>
/// Page cache that the kernel would drop first (inactive_file) does not count as used: a container that merely read a large file is not
/// short of memory. The kubelet counts its working set the same way.
/// </remarks>
internal sealed class MemoryReader(string root = "/")
{
    private static readonly CgroupFiles V2 = new("cgroup-v2", "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file");
    private static readonly CgroupFiles V1 = new(
        "cgroup-v1", "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");

    public MemoryUse Read()
    {
        var machine = Machine();
        return Cgroup(machine?.LimitBytes ?? long.MaxValue) ?? machine ?? Runtime();
    }

    /// <summary>
    /// The group of the limits that is closest to being used up. A limit that the machine does not have is none: v1 writes "no limit" as a
    /// number beyond any machine.
    /// </summary>
    private MemoryUse? Cgroup(long machineBytes)
    {
        MemoryUse? tightest = null;
        foreach (var line in Lines("proc/self/cgroup").DefaultIfEmpty("0:memory:/"))
        {
            // hierarchy:controllers:path. Both versions may be mounted, and the memory controller belongs to one of them.
            if (line.Split(':', 3) is not [var hierarchy, var controllers, var path])
                continue;
            var files = controllers.Split(',').Contains("memory", StringComparer.Ordinal) ? V1
                : hierarchy == "0" && controllers.Length == 0 ? V2
                : null;
            foreach (var use in files is null ? [] : Along(files, path.Trim('/')))
            {
                if (use.LimitBytes < machineBytes && (tightest is not { } t || Share(use) > Share(t)))
                    tightest = use;
            }
        }

        return tightest;
    }

    /// <summary>
    /// The group and those above it. Inside a container the path may lie outside of what is mounted; the mount's own root then holds the
    /// limit.
    /// </summary>
    private IEnumerable<MemoryUse> Along(CgroupFiles files, string path)
    {
        for (var group = path; ; group = Parent(group))
        {
            var folder = Path.Combine(files.Root, group);
            if (Number(Path.Combine(folder, files.Limit)) is { } limit && Number(Path.Combine(folder, files.Usage)) is { } usage)
            {
                var used = Math.Max(0, usage - Field(Path.Combine(folder, "memory.stat"), files.Droppable));
                yield return new MemoryUse(used, limit, files.Source);
            }

            if (group.Length == 0)
                yield break;
        }
    }

    private static double Share(MemoryUse use) => (double)use.UsedBytes / use.LimitBytes;

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

    /// <summary>The names of the same things in the two versions.</summary>
    private sealed record CgroupFiles(string Source, string Root, string Limit, string Usage, string Droppable);
}
