using System.Globalization;
using PrivateServers.Processes;

namespace PrivateServers.Postgres;

/// <summary>postmaster.pid: who serves a data folder and how far its start has come. One line per fact, by position.</summary>
internal sealed class PostmasterFile
{
    private const int SharedMemoryLine = 6;
    private const int StatusLine = 7;
    private readonly string[] _lines;

    private PostmasterFile(string[] lines) => _lines = lines;

    internal int ProcessId => int.TryParse(_lines[0], CultureInfo.InvariantCulture, out var id) ? id : 0;

    internal bool IsReady => _lines.Length > StatusLine && string.Equals(_lines[StatusLine].Trim(), "ready", StringComparison.Ordinal);

    internal static string PathIn(string dataFolder) => Path.Combine(dataFolder, "postmaster.pid");

    internal static PostmasterFile? Read(string dataFolder)
    {
        try
        {
            var lines = File.ReadAllLines(PathIn(dataFolder));
            return lines.Length == 0 ? null : new PostmasterFile(lines);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Frees the shared memory segment that a killed server leaves behind; the kernel keeps it while anyone is attached.</summary>
    internal void FreeSharedMemory()
    {
        if (_lines.Length <= SharedMemoryLine)
            return;
        var words = _lines[SharedMemoryLine].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 2 && int.TryParse(words[1], CultureInfo.InvariantCulture, out var id))
            _ = NativeMethods.SharedMemoryControl(id, NativeMethods.RemoveId, 0);
    }

    /// <summary>
    /// Whether a process with that id is a PostgreSQL that runs in the data folder: it makes the folder its working directory.
    /// </summary>
    internal bool IsServerOf(string dataFolder)
    {
        if (ProcessIdentity.Of(ProcessId) is not { IsAlive: true })
            return false;
        try
        {
            var link = Directory.ResolveLinkTarget(
                $"/proc/{ProcessId.ToString(CultureInfo.InvariantCulture)}/cwd",
                returnFinalTarget: false);
            return string.Equals(link?.FullName, dataFolder, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
