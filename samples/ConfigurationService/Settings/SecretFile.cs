namespace ConfigurationService.Settings;

/// <summary>A secret in a file that only its owner may read.</summary>
internal static class SecretFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The file's one line; null when there is no file.</summary>
    /// <exception cref="SettingsException">Others may read the file, or it is empty.</exception>
    public static string? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != UnixFileMode.None)
            throw new SettingsException([$"{path}: others may read or write this secret; run chmod 600 on it"]);
        return File.ReadAllText(path).Trim() is { Length: > 0 } secret
            ? secret
            : throw new SettingsException([$"{path}: the file is empty; delete it to have a new secret made, or restore it"]);
    }

    /// <summary>Makes the file as a whole or not at all, and on disk when it returns: a crash must not leave half a key behind.</summary>
    /// <exception cref="IOException">The file could not be written to disk.</exception>
    public static void Create(string path, string secret)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var draft = $"{path}.{Guid.NewGuid():n}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(draft, options))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(secret);
            writer.Write('\n');
            writer.Flush();
            DurableWrite.Flush(stream.SafeFileHandle, draft);
        }

        File.Move(draft, path, overwrite: false);
        DurableWrite.FlushFolder(folder);
    }
}
