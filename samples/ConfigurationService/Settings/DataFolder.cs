namespace ConfigurationService.Settings;

/// <summary>The folders that are private to an instance: other accounts of the machine cannot look into them.</summary>
internal static class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Makes the folder and those of its parts where they are missing, and closes them to others.</summary>
    /// <exception cref="SettingsException">A folder cannot be made or written.</exception>
    public static void Prepare(string path, params ReadOnlySpan<string> parts)
    {
        try
        {
            // A database server that root starts runs as another account, which must get to its own folder in here.
            Close(path, Environment.IsPrivilegedProcess ? OwnerOnly | UnixFileMode.OtherExecute : OwnerOnly);
            foreach (var part in parts)
                Close(Path.Combine(path, part), OwnerOnly);
            // Made and deleted: permissions do not tell of a file system that is mounted read-only.
            var probe = Path.Combine(path, $".{Guid.NewGuid():n}");
            new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"DATA_DIR: '{path}' cannot be used: {e.Message}"]);
        }
    }

    private static void Close(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, mode);
        var current = File.GetUnixFileMode(path);
        if ((current & Others) == UnixFileMode.None)
            return;
        try
        {
            File.SetUnixFileMode(path, current & ~Others);
        }
        catch (UnauthorizedAccessException)
        {
            // The folder is another account's, as a mounted volume is: who may see it is decided there.
        }
    }
}
