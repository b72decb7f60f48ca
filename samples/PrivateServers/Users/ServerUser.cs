using System.Globalization;
using PrivateServers.Processes;

namespace PrivateServers.Users;

/// <summary>
/// How a server that refuses root is run. An ordinary user runs it directly. Root runs it in a user namespace where root appears
/// as an ordinary user, which works in any folder; where namespaces are forbidden (as in many containers) it runs as the account
/// of the server's package, which then owns the folder.
/// </summary>
internal sealed class ServerUser
{
    private static readonly Lazy<Task<ServerUser>> Detected = new(DetectAsync);
    private readonly IReadOnlyList<string> _prefix;
    private readonly int? _owner;

    private ServerUser(IReadOnlyList<string> prefix, int? owner)
    {
        _prefix = prefix;
        _owner = owner;
    }

    internal static bool IsRoot => NativeMethods.EffectiveUserId() == 0;

    internal static Task<ServerUser> GetAsync() => Detected.Value;

    internal IReadOnlyList<string> Wrap(string program, params IEnumerable<string> arguments) => [.. _prefix, program, .. arguments];

    /// <summary>Gives a folder and all in it to the account that runs the server; an ordinary user's is that already.</summary>
    internal async Task OwnAsync(string path, CancellationToken cancellationToken)
    {
        if (_owner is not { } owner)
            return;
        await Tool.RunAsync(["chown", "-R", Text(owner), path], environment: null, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ServerUser> DetectAsync()
    {
        if (!IsRoot)
            return new ServerUser([], owner: null);
        var account = OrdinaryAccount();
        string[] space = ["unshare", "-U", "--map-user=" + Text(account), "--map-group=" + Text(account)];
        if (Environment.GetEnvironmentVariable("DATA_SERVERS_NO_NAMESPACE") is null or "")
        {
            var (exitCode, _) = await Tool.TryRunAsync([.. space, "true"], environment: null, CancellationToken.None).ConfigureAwait(false);
            if (exitCode == 0)
                return new ServerUser(space, owner: 0);
        }

        return new ServerUser(["setpriv", "--reuid=" + Text(account), "--regid=" + Text(account), "--clear-groups"], account);
    }

    // initdb looks its user up by number, so the number must belong to an account.
    private static int OrdinaryAccount()
    {
        var accounts = File.ReadLines("/etc/passwd")
            .Select(line => line.Split(':'))
            .Where(fields => fields.Length > 2)
            .Select(fields => (Name: fields[0], Id: int.Parse(fields[2], CultureInfo.InvariantCulture)))
            .Where(account => account.Id != 0)
            .ToList();
        if (accounts.Count == 0)
            throw new ServerStartException("PostgreSQL refuses to run as root, and there is no other account in /etc/passwd.");
        return accounts.OrderBy(account => account.Name switch { "postgres" => 0, "nobody" => 1, _ => 2 }).First().Id;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
