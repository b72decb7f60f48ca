namespace PrivateServers.Folders;

/// <summary>The file that holds a server's output.</summary>
internal static class LogFile
{
    private const int TailBytes = 4_096;

    /// <summary>The last lines, for an error message; empty when there is none.</summary>
    internal static string Tail(string path, int lines = 20)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(-Math.Min(TailBytes, file.Length), SeekOrigin.End);
            using var reader = new StreamReader(file);
            var all = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return string.Join('\n', all.TakeLast(lines));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
