namespace PrivateServers.Folders;

/// <summary>Writes files that only their owner may read (mode 0600), whole or not at all.</summary>
internal static class PrivateFile
{
    internal static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        var temporary = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        await using (var writer = new StreamWriter(temporary, options))
            await writer.WriteAsync(text.AsMemory(), cancellationToken).ConfigureAwait(false);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Reads a secret from the file, or makes one (128 bits, hexadecimal) and stores it.</summary>
    internal static async Task<string> SecretAsync(string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
            return (await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)).Trim();
        var secret = System.Security.Cryptography.RandomNumberGenerator.GetHexString(32, lowercase: true);
        await WriteAsync(path, secret + "\n", cancellationToken).ConfigureAwait(false);
        return secret;
    }
}
