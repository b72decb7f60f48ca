using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.TestServers;
using Npgsql;
using Polly.CircuitBreaker;

namespace Data.FaultTests.Resilience;

/// <summary>
/// The real server breaks in every way while clients transfer money: nothing acknowledged is lost, nothing is doubled, and all is told as
/// it is.
/// </summary>
public sealed class ServerFaultTests
{
    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("DATA_TEST_SCALE"), out var scale) ? scale : 1;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_ServerKilledAndStartedAgain_EffectsAreAsToldAndTheCircuitOpensAndCloses()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        var ledger = await Ledger.CreateAsync(server);
        await using var load = LedgerLoad.Start(ledger, server.Port, configure: options =>
        {
            options.CircuitBreaker.Enabled = true;
            // Few clients, all of which wait: what opens the circuit are their trials, once the successes have left the window.
            options.CircuitBreaker.MinimumThroughput = 2;
            options.CircuitBreaker.SamplingDuration = TimeSpan.FromMilliseconds(500);
            options.CircuitBreaker.MaxBreakDuration = options.CircuitBreaker.BreakDuration;
        });
        for (var kill = 0; kill < 2 * Scale; kill++)
        {
            await load.ProgressAsync();
            await server.KillAsync();
            while (load.Circuit.State != CircuitState.Open)
                await Task.Delay(5, Token);
            await server.StartAgainAsync(Token);
        }

        await load.ProgressAsync();
        await load.StopAsync();
        await ledger.VerifyAsync();
        ledger.Failures.ShouldBeEmpty();
        load.Circuit.State.ShouldBe(CircuitState.Closed);
        load.States.ShouldContain(CircuitState.HalfOpen);
    }

    [Fact]
    public async Task WriteAsync_BackendsTerminatedAgainAndAgain_EveryTransferIsDoneOnce()
    {
        var server = await SharedServers.PostgresAsync();
        var ledger = await Ledger.CreateAsync(server);
        await using var load = LedgerLoad.Start(ledger, server.Port);
        await using var killer = new NpgsqlConnection(ledger.ConnectionString + ";Pooling=false");
        await killer.OpenAsync(Token);
        await using var terminate = new NpgsqlCommand(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
            + "pg_backend_pid() AND backend_type = 'client backend'", killer);
        var terminated = 0L;
        for (var round = 0; round < 30 * Scale; round++)
        {
            await load.ProgressAsync(5);
            terminated += (long)(await terminate.ExecuteScalarAsync(Token))!;
        }

        await load.StopAsync();
        await ledger.VerifyAsync();
        ledger.Failures.ShouldBeEmpty();
        terminated.ShouldBeGreaterThan(30);
    }

    [Fact]
    public async Task WriteAsync_BackendsCancelledAtRandom_EffectsAreAsTold()
    {
        var server = await SharedServers.PostgresAsync();
        var ledger = await Ledger.CreateAsync(server);
        // The position is read behind COMMIT: a cancellation that hits it must not take the commit back.
        await using var load = LedgerLoad.Start(ledger, server.Port, options: new DbSessionOptions { CaptureCommitLsn = true });
        await using var canceller = new NpgsqlConnection(ledger.ConnectionString + ";Pooling=false");
        await canceller.OpenAsync(Token);
        await using var cancel = new NpgsqlCommand(
            "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND "
            + "backend_type = 'client backend'", canceller);
        while (ledger.Done < 600 * Scale || ledger.Failed < 100 * Scale)
        {
            Token.ThrowIfCancellationRequested();
            await cancel.ExecuteScalarAsync(Token);
            await Task.Delay(Random.Shared.Next(3), Token);
        }

        await load.StopAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{ledger.Done} done, {ledger.Failed} cancelled");
        await ledger.VerifyAsync();
        ledger.Ambiguous.ShouldBe(0);
        ledger.Failures.ShouldAllBe(failure => IsCancellation(failure));
    }

    [Fact]
    public async Task WriteAsync_ServerFrozenForSeconds_EffectsAreAsToldAndNothingStaysAmbiguous()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        var ledger = await Ledger.CreateAsync(server);
        await using var load = LedgerLoad.Start(
            ledger,
            server.Port,
            configure: options => options.Retry.AttemptTimeout = TimeSpan.FromMilliseconds(700));
        for (var freeze = 0; freeze < 2 * Scale; freeze++)
        {
            await load.ProgressAsync();
            server.Freeze();
            await Task.Delay(TimeSpan.FromSeconds(2), Token);
            server.Resume();
        }

        await load.ProgressAsync();
        await load.StopAsync();
        await ledger.VerifyAsync();
        ledger.Ambiguous.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_PrimaryDiesAndReplicaIsPromoted_NothingIsDoneTwiceAndOnlyAnAsynchronousReplicaLoses(bool synchronous)
    {
        await using var server = await PostgresServer.StartAsync(
            new PostgresServerOptions { Replica = true, SynchronousReplica = synchronous },
            Token);
        await using var proxy = await FaultProxy.StartAsync(server);
        var ledger = await Ledger.CreateAsync(server);
        await server.WaitForReplayAsync(Token);
        await using var load = LedgerLoad.Start(
            ledger,
            proxy.Port,
            configure: options => options.Retry.CommitVerificationTimeout = TimeSpan.FromSeconds(20));
        await load.ProgressAsync();
        if (!synchronous)
        {
            // Behind by some transfers, which die with the primary.
            server.Replica!.Freeze();
            await load.ProgressAsync();
        }

        await server.KillAsync();
        var lossUntil = synchronous ? 0 : ledger.Latest;
        server.Replica!.Resume();
        await server.Replica.PromoteAsync(Token);
        proxy.Retarget(server.Replica.Host, server.Replica.Port);
        await load.ProgressAsync();
        await load.StopAsync();

        ledger.ConnectionString = new NpgsqlConnectionStringBuilder(ledger.ConnectionString) { Port = server.Replica.Port }
            .ConnectionString;
        await ledger.VerifyAsync(lossUntil);
        ledger.Failures.ShouldAllBe(failure => failure is AmbiguousCommitException);
        // Only a commit that was on its way when the primary died may stay unknown: at most one per client.
        ledger.Ambiguous.ShouldBeLessThanOrEqualTo(4);
    }

    [Fact]
    public async Task WriteAsync_ServerOutOfConnections_WaitsAndEveryTransferIsDone()
    {
        await using var server = await PostgresServer.StartAsync(
            new PostgresServerOptions { Settings = { ["max_connections"] = "8" } },
            Token);
        var ledger = await Ledger.CreateAsync(server);
        var hogs = new List<NpgsqlConnection>();
        try
        {
            while (true)
            {
                var hog = new NpgsqlConnection(ledger.ConnectionString + ";Pooling=false");
                await hog.OpenAsync(Token);
                hogs.Add(hog);
            }
        }
        catch (PostgresException exception) when (exception.SqlState == "53300")
        {
            hogs.ShouldNotBeEmpty();
        }

        await using var load = LedgerLoad.Start(ledger, server.Port);
        await Task.Delay(300, Token);
        ledger.Done.ShouldBe(0);
        foreach (var hog in hogs)
            await hog.DisposeAsync();

        await load.ProgressAsync();
        await load.StopAsync();
        await ledger.VerifyAsync();
        ledger.Failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task WriteAsync_DeadlockStorm_EveryTransferIsDoneOnce()
    {
        await using var server = await PostgresServer.StartAsync(
            new PostgresServerOptions { Settings = { ["deadlock_timeout"] = "10ms" } },
            Token);
        var ledger = await Ledger.CreateAsync(server);
        await using var load = LedgerLoad.Start(ledger, server.Port, clients: 6);
        while (await server.QueryAsync("SELECT sum(deadlocks)::bigint FROM pg_stat_database", Token) is not > 5L)
            await load.ProgressAsync(5);

        await load.StopAsync();
        await ledger.VerifyAsync();
        ledger.Failures.ShouldBeEmpty();
    }

    private static bool IsCancellation(Exception failure) =>
        (failure as PostgresException ?? failure.InnerException as PostgresException)?.SqlState == "57014";
}
