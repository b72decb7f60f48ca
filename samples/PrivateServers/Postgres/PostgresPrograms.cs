using System.Text.RegularExpressions;
using PrivateServers.Binaries;
using PrivateServers.Processes;

namespace PrivateServers.Postgres;

/// <summary>PostgreSQL's programs of one version.</summary>
internal sealed partial class PostgresPrograms
{
    private readonly string _folder;

    private PostgresPrograms(string folder, string version)
    {
        _folder = folder;
        Version = version;
    }

    /// <summary>Such as "15.14".</summary>
    internal string Version { get; }

    /// <summary>What PG_VERSION in a data folder must say: "15".</summary>
    internal string MajorVersion => Version.Split('.')[0];

    internal static async Task<PostgresPrograms> FindAsync(CancellationToken cancellationToken)
    {
        var folder = ServerBinaries.PostgresFolder();
        var text = await Tool.RunAsync([Path.Combine(folder, "postgres"), "--version"], environment: null, cancellationToken)
            .ConfigureAwait(false);
        return new PostgresPrograms(folder, VersionPattern().Match(text).Value);
    }

    internal string this[string program] => Path.Combine(_folder, program);

    [GeneratedRegex(@"\d+(\.\d+)*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex VersionPattern();
}
