using System.Diagnostics;
using System.Globalization;
using Data.TestServers.Folders;
using PrivateServers.Processes;
using PrivateServers.Users;

namespace Data.TestServers.Tests.Processes;

public sealed class OwnerDeathTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Guard_OwnerKilledOrLeaving_LeavesNoProcessAndNoFolder(bool leaves)
    {
        await using var owner = await Owner.StartAsync([], leaves);
        owner.Servers.Count.ShouldBe(4);
        if (!leaves)
        {
            owner.Servers.ShouldAllBe(server => server.IsAlive);
            owner.Kill();
        }

        await UntilAsync(() => owner.Servers.All(server => !server.IsAlive), "the servers run on");
        await UntilAsync(() => !Directory.Exists(owner.Folder), "the folder stays");
    }

    [Fact]
    public async Task Servers_AsAnOrdinaryUser_StartAndStop()
    {
        // In a namespace of its own the child has an ordinary user's id and rights, and yet may read this folder.
        Assert.SkipUnless(ServerUser.IsRoot, "The whole run is an ordinary user's already.");
        var (exitCode, _) = await Tool.TryRunAsync([.. Namespace, "true"], environment: null, Token);
        Assert.SkipUnless(exitCode == 0, "User namespaces are forbidden here.");

        await using var owner = await Owner.StartAsync(Namespace, leaves: false);
        owner.Answer.ShouldBe("served");
        owner.Kill();
        await UntilAsync(() => owner.Servers.All(server => !server.IsAlive), "the servers run on");
        await UntilAsync(() => !Directory.Exists(owner.Folder), "the folder stays");
    }

    private static readonly string[] Namespace = ["unshare", "-U", "--map-user=65534", "--map-group=65534"];

    private static async Task UntilAsync(Func<bool> condition, string otherwise)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            waited.Elapsed.ShouldBeLessThan(Patience, otherwise);
            await Task.Delay(20, Token);
        }
    }

    private sealed class Owner : IAsyncDisposable
    {
        private readonly Process _process;

        private Owner(Process process, string[] report)
        {
            _process = process;
            Folder = report[0];
            Answer = report[1];
            Servers = [.. report.Skip(2).Select(id => int.Parse(id, CultureInfo.InvariantCulture))
                .Select(id => ProcessIdentity.Of(id) ?? new ProcessIdentity(id, -1))];
        }

        internal string Folder { get; }

        internal string Answer { get; }

        internal IReadOnlyList<ProcessIdentity> Servers { get; }

        internal static async Task<Owner> StartAsync(IReadOnlyList<string> prefix, bool leaves)
        {
            TestServers.Require(ServerKind.Postgres, ServerKind.Redis, ServerKind.Nats, ServerKind.Chroma);
            var report = TestRun.Current.NewFolder("report");
            string[] command =
            [
                .. prefix, Environment.ProcessPath!, .. OwnAssembly(), "-explicit", "only",
                "-method", typeof(OwnerScenario).FullName + "." + nameof(OwnerScenario.StartEverythingAndWait),
            ];
            var start = new ProcessStartInfo(command[0])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false
            };
            foreach (var word in command.Skip(1))
                start.ArgumentList.Add(word);
            start.Environment[OwnerScenario.ReportVariable] = report;
            if (leaves)
                start.Environment["DATA_OWNER_LEAVES"] = "yes";
            var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(Token);
            _ = process.StandardError.ReadToEndAsync(Token);

            while (!File.Exists(report))
            {
                if (process.HasExited && !File.Exists(report))
                    throw new InvalidOperationException("The owner failed: " + await output);
                await Task.Delay(20, Token);
            }

            return new Owner(process, await File.ReadAllLinesAsync(report, Token));
        }

        internal void Kill() => _process.Kill();

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
                _process.Kill();
            await _process.WaitForExitAsync(Token);
            _process.Dispose();
        }

        // Run by `dotnet X.dll`, the assembly is the first argument; run by its own executable, none is needed.
        private static string[] OwnAssembly() =>
            string.Equals(Path.GetFileNameWithoutExtension(Environment.ProcessPath), "dotnet", StringComparison.Ordinal)
                ? [typeof(OwnerScenario).Assembly.Location]
                : [];
    }
}
