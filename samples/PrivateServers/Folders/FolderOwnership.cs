using System.Diagnostics;
using System.Globalization;
using PrivateServers.Processes;

namespace PrivateServers.Folders;

/// <summary>
/// Exclusive use of a server's folder by this process. The lock is the kernel's, so it ends with the process; a server that its
/// dead owner's guard is still stopping is waited for, and stopped here when no guard does.
/// </summary>
internal sealed class FolderOwnership : IDisposable
{
    private const string LockFile = "owner.lock";
    private const string OwnerFile = "owner.pid";
    private const string ServerFile = "server.pid";
    private static readonly TimeSpan GuardPatience = TimeSpan.FromSeconds(40);
    private readonly FileStream _lock;
    private readonly string _folder;

    private FolderOwnership(string folder, FileStream @lock)
    {
        _folder = folder;
        _lock = @lock;
    }

    /// <summary>Creates the folder (mode 0700) where it is missing and takes it.</summary>
    internal static async Task<FolderOwnership> TakeAsync(string folder, string server, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        FileStream taken;
        try
        {
            taken = new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new ServerStartException(
                $"The folder '{folder}' of {server} is in use by another process{Owner(folder)}. Stop that one first or choose another "
                + "folder.", e);
        }

        var ownership = new FolderOwnership(folder, taken);
        await File.WriteAllTextAsync(
            Path.Combine(folder, OwnerFile), Environment.ProcessId
                .ToString(CultureInfo.InvariantCulture), cancellationToken).ConfigureAwait(false);
        await ownership.WaitForOrphanAsync(cancellationToken).ConfigureAwait(false);
        return ownership;
    }

    /// <summary>Notes which process serves from the folder now.</summary>
    internal Task NoteServerAsync(ProcessIdentity server, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(
            Path.Combine(_folder, ServerFile), string.Create(
                CultureInfo.InvariantCulture,
                $"{server.Id} {server.StartTicks}"), cancellationToken);

    public void Dispose() => _lock.Dispose();

    private async Task WaitForOrphanAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(_folder, ServerFile);
        if (!File.Exists(file))
            return;
        var words = (await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)).Split(' ');
        if (words.Length == 2
            && int.TryParse(words[0], CultureInfo.InvariantCulture, out var id)
            && long.TryParse(words[1], CultureInfo.InvariantCulture, out var ticks))
        {
            var orphan = new ProcessIdentity(id, ticks);
            var waited = Stopwatch.StartNew();
            while (orphan.IsAlive && waited.Elapsed < GuardPatience)
                await Task.Delay(50, cancellationToken).ConfigureAwait(false);
            if (orphan.IsAlive)
            {
                foreach (var process in ProcessTree.Kill(orphan))
                {
                    while (process.IsAlive)
                        await Task.Delay(5, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        File.Delete(file);
    }

    private static string Owner(string folder)
    {
        try
        {
            return " (" + File.ReadAllText(Path.Combine(folder, OwnerFile)).Trim() + ")";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
