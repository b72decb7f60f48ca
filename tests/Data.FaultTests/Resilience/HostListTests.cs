using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.TestServers;
using Npgsql;

namespace Data.FaultTests.Resilience;

/// <summary>A list of hosts as applications have it: the primary dies, and some seconds later its standby is promoted.</summary>
public sealed class HostListTests
{
    private const int Clients = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_StandbyPromotedSecondsAfterThePrimaryDied_NoCallFailsMeanwhile()
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { SynchronousReplica = true }, Token);
        var replica = server.Replica!;
        var ledger = await Ledger.CreateAsync(server);
        await server.WaitForReplayAsync(Token);
        var database = new NpgsqlConnectionStringBuilder(ledger.ConnectionString);
        ledger.ConnectionString = new NpgsqlConnectionStringBuilder(ledger.ConnectionString)
        {
            Host = FormattableString.Invariant($"{server.Host}:{server.Port},{replica.Host}:{replica.Port}"),
            TargetSessionAttributes = "primary",
        }.ConnectionString;
        await using var load = LedgerLoad.Start(
            ledger,
            server.Port,
            Clients,
            new DbSessionOptions { MaxRetryAttempts = 100_000 },
            static options => options.Retry.CommitVerificationTimeout = TimeSpan.FromSeconds(20));
        await load.ProgressAsync();
        await server.KillAsync();
        // Longer than an attempt and all its hosts take, so that every call meets a list without a primary.
        await Task.Delay(TimeSpan.FromSeconds(4), Token);
        var before = ledger.Done;
        await replica.PromoteAsync(Token);
        await load.ProgressAsync(200);
        await load.StopAsync();

        ledger.ConnectionString = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Port = replica.Port }.ConnectionString;
        await ledger.VerifyAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{before} before, {ledger.Done} in all, {ledger.Ambiguous} ambiguous");
        // A commit that was on its way when the primary died stays unknown on another timeline: at most one per client.
        ledger.Failures.ShouldAllBe(failure => failure is AmbiguousCommitException);
        ledger.Ambiguous.ShouldBeLessThanOrEqualTo(Clients);
    }
}
