using System.Diagnostics;
using System.Globalization;
using PrivateServers.Processes;

namespace Data.TestServers.Folders;

/// <summary>
/// A temporary folder of this process, with one folder in it per server. A reaper shell, whose standard input only this process
/// holds open, removes it should the process die; a folder whose reaper died too is removed by the next run.
/// </summary>
internal sealed class TestRun
{
    private const string Prefix = "data-servers-";
    private const string LockFile = "run.lock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Others may pass through but not look: PostgreSQL may run as another account below this folder.
    private const UnixFileMode Passage = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(8);

    /// <summary>Arguments: the folder. The servers' own guards stop them meanwhile; their segments of shared memory go too.</summary>
    private const string ReaperScript = """
        exec 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- 1>/dev/null 2>&1
        trap '' INT HUP TERM
        read -r _
        for file in "$1"/*/server.pid; do
          [ -f "$file" ] && read -r server _ <"$file" || continue
          round=0
          while kill -0 "$server" && [ $round -lt 120 ]; do sleep 0.05; round=$((round + 1)); done
        done
        for file in "$1"/*/data/postmaster.pid; do
          [ -f "$file" ] && ipcrm -m $(sed -n '7s/.* //p' "$file")
        done
        round=0
        while [ -e "$1" ] && [ $round -lt 100 ]; do rm -rf -- "$1" || sleep 0.1; round=$((round + 1)); done
        """;

    private const string Memory = "/dev/shm";
    private const long EnoughMemoryBytes = 4L << 30;
    private static readonly Lazy<TestRun> Instance = new(() => new TestRun(FastParent()));
    private static readonly Lazy<TestRun> DiskInstance = new(() => new TestRun(DiskParent()));
    private readonly FileStream _lock;
    private readonly Process _reaper;
    private int _next;

    private TestRun(string parent)
    {
        SweepDead(parent);
        Path = System.IO.Path.Combine(
            parent, string.Create(
                CultureInfo.InvariantCulture,
                $"{Prefix}{Environment.UserName}-{Environment.ProcessId}-{Random.Shared.Next():x8}"));
        Directory.CreateDirectory(Path, Passage);
        _lock = new FileStream(System.IO.Path.Combine(Path, LockFile), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        _reaper = StartReaper(Path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => End();
    }

    /// <summary>The folder for servers whose data need not outlive the machine: in memory where there is plenty.</summary>
    internal static TestRun Current => Instance.Value;

    /// <summary>The folder for servers that sync to disk.</summary>
    internal static TestRun OnDisk =>
        string.Equals(FastParent(), DiskParent(), StringComparison.Ordinal) ? Instance.Value : DiskInstance.Value;

    internal string Path { get; }

    /// <summary>The path of a new folder, not yet made.</summary>
    internal string NewFolder(string name) =>
        System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{name}-{Interlocked.Increment(ref _next)}"));

    internal static void Remove(string folder)
    {
        for (var attempt = 0; Directory.Exists(folder); attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException) when (attempt < 5)
            {
                // A process of the server was writing its last file; it is gone by the next look.
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
        }
    }

    private static string DiskParent() =>
        Environment.GetEnvironmentVariable("DATA_SERVERS_TEMP") is { Length: > 0 } chosen ? chosen : System.IO.Path.GetTempPath();

    // A PostgreSQL is a thousand files: making and removing them costs ten times more on a disk.
    private static string FastParent()
    {
        if (Environment.GetEnvironmentVariable("DATA_SERVERS_TEMP") is { Length: > 0 } chosen)
            return chosen;
        return Directory.Exists(Memory) && new DriveInfo(Memory).AvailableFreeSpace >= EnoughMemoryBytes ? Memory : DiskParent();
    }

    private static Process StartReaper(string folder)
    {
        var start = new ProcessStartInfo("setsid") { RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = "/" };
        foreach (var word in (string[])["sh", "-c", ReaperScript, "reaper", folder])
            start.ArgumentList.Add(word);
        return Process.Start(start)!;
    }

    private static void SweepDead(string parent)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, Prefix + Environment.UserName + "-*"))
        {
            var file = System.IO.Path.Combine(folder, LockFile);
            try
            {
                if (!File.Exists(file))
                    continue;
                using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                    Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its owner lives, or its reaper is at work.
            }
        }
    }

    private void End()
    {
        GuardedProcess.StopAll(ExitPatience);
        _lock.Dispose();
        _reaper.StandardInput.Close();
        _reaper.WaitForExit(ExitPatience);
    }
}
