using Data.TestServers.Folders;
using PrivateServers.Binaries;
using PrivateServers.Postgres;
using PrivateServers.Processes;
using PrivateServers.Users;

namespace Data.TestServers.Postgres;

/// <summary>
/// The result of initdb, kept in the user's cache folder and copied for each server: a copy takes a tenth of the time.
/// Made beside and renamed, so that two runs at once see it whole or not at all.
/// </summary>
internal static class PostgresTemplate
{
    // Raise when the arguments of initdb change.
    private const string Generation = "1";
    private static readonly SemaphoreSlim Making = new(1, 1);
    private static string? _folder;

    internal static async Task SeedAsync(string dataFolder, string passwordPath, CancellationToken cancellationToken)
    {
        var template = await FolderAsync(cancellationToken).ConfigureAwait(false);
        await CopyAsync(Path.Combine(template, "data"), dataFolder, cancellationToken).ConfigureAwait(false);
        File.Copy(Path.Combine(template, "password"), passwordPath);
    }

    private static async Task<string> FolderAsync(CancellationToken cancellationToken)
    {
        if (_folder is { } known && Directory.Exists(known))
            return known;
        await Making.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var programs = await PostgresPrograms.FindAsync(cancellationToken).ConfigureAwait(false);
            var kept = Path.Combine(ServerBinaries.UserCache(), "postgres-template-" + programs.Version + "-" + Generation);
            if (!Directory.Exists(kept))
                kept = await MakeAsync(programs, kept, cancellationToken).ConfigureAwait(false);
            return _folder = kept;
        }
        finally
        {
            Making.Release();
        }
    }

    private static async Task<string> MakeAsync(PostgresPrograms programs, string kept, CancellationToken cancellationToken)
    {
        var made = TestRun.Current.NewFolder("template");
        Directory.CreateDirectory(made, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await PrivatePostgres.InitialiseAsync(
            programs, await ServerUser.GetAsync().ConfigureAwait(false), Path.Combine(made, "data"), Path.Combine(
                made,
                "password"), cancellationToken).ConfigureAwait(false);
        var beside = kept + "." + Guid.NewGuid().ToString("N");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
            await CopyAsync(made, beside, cancellationToken).ConfigureAwait(false);
            Directory.Move(beside, kept);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No home to write to: this process keeps its own. Or another run was faster: its template is as good.
            TestRun.Remove(beside);
            return Directory.Exists(kept) ? kept : made;
        }

        TestRun.Remove(made);
        return kept;
    }

    // The copy belongs to whoever copies: the template may have been made as another account.
    private static async Task CopyAsync(string from, string to, CancellationToken cancellationToken) =>
        await Tool.RunAsync(["cp", "-R", "--preserve=mode", "--reflink=auto", from, to], environment: null, cancellationToken)
            .ConfigureAwait(false);
}
