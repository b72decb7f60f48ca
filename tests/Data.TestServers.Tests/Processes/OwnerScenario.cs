using System.Globalization;
using Data.TestServers.Folders;

namespace Data.TestServers.Tests.Processes;

/// <summary>
/// What a child process does for <see cref="OwnerDeathTests"/>: it starts servers, tells where they are, and waits for its end.
/// </summary>
public sealed class OwnerScenario
{
    internal const string ReportVariable = "DATA_OWNER_REPORT";

    [Fact(Explicit = true)]
    public async Task StartEverythingAndWait()
    {
        var report = Environment.GetEnvironmentVariable(ReportVariable)
            ?? throw new InvalidOperationException($"{ReportVariable} is not set.");
        var postgres = await SharedServers.PostgresAsync();
        TestServer[] servers = [postgres, await SharedServers.RedisAsync(), await SharedServers.NatsAsync(), await SharedServers
            .ChromaAsync()];
        var answer = await postgres.QueryAsync("SELECT 'served'", TestContext.Current.CancellationToken);
        var killed = await PostgresServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await killed.KillAsync();

        string[] lines = [TestRun.Current.Path, (string)answer!, .. servers.Select(
            server => server.ProcessId.ToString(CultureInfo.InvariantCulture))];
        await File.WriteAllLinesAsync(report + ".new", lines, TestContext.Current.CancellationToken);
        File.Move(report + ".new", report);
        if (Environment.GetEnvironmentVariable("DATA_OWNER_LEAVES") is null)
            await Task.Delay(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }
}
