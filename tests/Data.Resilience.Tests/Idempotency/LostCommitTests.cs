using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Data.TestServers;
using Npgsql;
using static Data.Resilience.Tests.Idempotency.IdempotentBank;

namespace Data.Resilience.Tests.Idempotency;

/// <summary>The answer to COMMIT is lost, on a server that stays and on one that is replaced by its standby.</summary>
public sealed class LostCommitTests
{
    private static readonly DbSessionOptions Order = new() { IdempotencyKey = "order 1", IdempotencyFingerprint = "hash" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_AnswerOfCommitLost_HasOneEffectAndARepeatGetsItsResult(bool reachesTheServer)
    {
        await using var direct = await CreateAsync();
        await using var proxy = await FaultProxy.StartAsync(await SharedServers.PostgresAsync());
        await using var bank = Connect(Through(direct.ConnectionString, proxy));
        var call = new Call();
        CutAtCommit(proxy, reachesTheServer ? ChunkVerdict.CutAfter : ChunkVerdict.CutBefore);
        var left = await call.RunAsync(bank);

        left.ShouldBe(99);
        call.Runs.ShouldBe(reachesTheServer ? 1 : 2);
        call.Events.ShouldBe(["committed"]);
        (await bank.Sessions.WriteAsync(TakeOneAsync, Order, Token)).ShouldBe(99);
        (await direct.BalanceAsync(1)).ShouldBe(99);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WriteAsync_PrimaryLostWhileCommitting_TheKeySettlesTheOutcomeOnThePromotedStandby(bool isReplicated)
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { Replica = true }, Token);
        await using var direct = await CreateAsync(server: server);
        await server.WaitForReplayAsync(Token);
        await using var proxy = await FaultProxy.StartAsync(server);
        await using var bank = Connect(Through(direct.ConnectionString, proxy), Patient);
        await bank.BalanceAsync(1);
        var call = new Call();
        var lost = DropAnswerOfCommit(proxy);
        if (!isReplicated)
            await StopReplicationAsync(server.Replica!);
        var writing = call.RunAsync(bank);
        await lost;
        while (await direct.BalanceAsync(1) != 99)
            await Task.Delay(10, Token);
        if (isReplicated)
            await server.WaitForReplayAsync(Token);
        await FailOverAsync(server, proxy);

        (await writing).ShouldBe(99);
        call.Runs.ShouldBe(isReplicated ? 1 : 2);
        call.Events.ShouldBe(["committed"]);
        (await bank.Sessions.WriteAsync(TakeOneAsync, Order, Token)).ShouldBe(99);
        await using var after = Connect(Through(direct.ConnectionString, proxy) + ";Pooling=false");
        (await after.BalanceAsync(1)).ShouldBe(99);
    }

    [Fact]
    public async Task WriteAsync_LossSettledAndTheNextRunFails_ThrowsThatFailure()
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { Replica = true }, Token);
        await using var direct = await CreateAsync(server: server);
        await server.WaitForReplayAsync(Token);
        await using var proxy = await FaultProxy.StartAsync(server);
        await using var bank = Connect(Through(direct.ConnectionString, proxy), Patient);
        await bank.BalanceAsync(1);
        var call = new Call { FailsAtRun = 2 };
        var lost = DropAnswerOfCommit(proxy);
        await StopReplicationAsync(server.Replica!);
        var writing = call.RunAsync(bank);
        await lost;
        while (await direct.BalanceAsync(1) != 99)
            await Task.Delay(10, Token);
        await FailOverAsync(server, proxy);

        await Should.ThrowAsync<InvalidTimeZoneException>(writing);
        call.Events.ShouldBeEmpty("The first run is known to be rolled back, the second is.");
        await using var after = Connect(Through(direct.ConnectionString, proxy) + ";Pooling=false");
        (await after.BalanceAsync(1)).ShouldBe(100);
    }

    [Fact]
    public async Task WriteAsync_StandbyPromotedAndNoKey_StaysAmbiguous()
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { Replica = true }, Token);
        await using var direct = await CreateAsync(server: server);
        await server.WaitForReplayAsync(Token);
        await using var proxy = await FaultProxy.StartAsync(server);
        await using var bank = Connect(Through(direct.ConnectionString, proxy), Patient);
        await bank.BalanceAsync(1);
        var call = new Call();
        var lost = DropAnswerOfCommit(proxy);
        var writing = call.RunAsync(bank, options: null);
        await lost;
        await FailOverAsync(server, proxy);

        await Should.ThrowAsync<AmbiguousCommitException>(writing);
        call.Events.ShouldBe(["Unknown"]);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(0)]
    public async Task WriteAsync_ServerStaysAwayAfterALostCommit_IsAmbiguousAlsoWithAKey(int retries)
    {
        await using var direct = await CreateAsync();
        await using var proxy = await FaultProxy.StartAsync(await SharedServers.PostgresAsync());
        await using var bank = Connect(
            Through(direct.ConnectionString, proxy),
            options =>
            {
                options.Retry.AttemptTimeout = TimeSpan.FromSeconds(2);
                options.Retry.TotalTimeout = TimeSpan.FromSeconds(2);
                options.Retry.CommitVerificationTimeout = TimeSpan.FromMilliseconds(200);
                options.Retry.MaxRetryAttempts = retries;
            });
        var call = new Call();
        CutAtCommit(proxy, ChunkVerdict.CutAfter, proxy.RefuseNewConnections);
        var error = await Should.ThrowAsync<AmbiguousCommitException>(call.RunAsync(bank));

        error.Outcome.ShouldBe(CommitOutcome.Unknown);
        call.Runs.ShouldBe(1);
        call.Events.ShouldBe(["Unknown"]);
        call.UnknownId.ShouldBe(error.TransactionId);
        proxy.AcceptAgain();
        (await bank.Sessions.WriteAsync(TakeOneAsync, Order, Token)).ShouldBe(99);
    }

    private static void Patient(DataResilienceOptions options)
    {
        options.Retry.AttemptTimeout = TimeSpan.FromSeconds(20);
        options.Retry.TotalTimeout = TimeSpan.FromSeconds(60);
        options.Retry.MaxRetryAttempts = 50;
        options.CircuitBreaker.Enabled = false;
    }

    private static string Through(string connectionString, FaultProxy proxy) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Port = proxy.Port, Timeout = 5 }.ConnectionString;

    private static async Task FailOverAsync(PostgresServer server, FaultProxy proxy)
    {
        await server.KillAsync();
        await server.Replica!.PromoteAsync(Token);
        proxy.Retarget(server.Replica.Host, server.Replica.Port);
        proxy.ResetAll();
    }

    private static async Task StopReplicationAsync(PostgresServer replica)
    {
        await replica.ExecuteAsync("ALTER SYSTEM SET primary_conninfo = ''", Token);
        await replica.ExecuteAsync("SELECT pg_reload_conf()", Token);
        await Eventually.BeAsync(async () => await replica.QueryAsync("SELECT count(*) FROM pg_stat_wal_receiver", Token) is 0L);
    }

    /// <summary>Ends the connection at the first COMMIT.</summary>
    private static void CutAtCommit(FaultProxy proxy, ChunkVerdict verdict, Action? then = null) => proxy.Inspect = chunk =>
    {
        if (chunk.Direction != Direction.ToServer || !chunk.Contains("COMMIT\0"u8))
            return ChunkVerdict.Forward;

        proxy.Inspect = null;
        then?.Invoke();
        return verdict;
    };

    /// <summary>Lets the first COMMIT through and loses all that the server says from then on on that connection.</summary>
    private static Task DropAnswerOfCommit(FaultProxy proxy)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ProxyConnection? connection = null;
        proxy.Inspect = chunk =>
        {
            if (connection is null && chunk.Direction == Direction.ToServer && chunk.Contains("COMMIT\0"u8))
            {
                connection = chunk.Connection;
                sent.SetResult();
            }

            return chunk.Connection == connection && chunk.Direction == Direction.ToClient ? ChunkVerdict.Drop : ChunkVerdict.Forward;
        };
        return sent.Task;
    }

    /// <summary>One write with hooks.</summary>
    private sealed class Call
    {
        public int FailsAtRun { get; init; }

        public int Runs { get; private set; }

        public List<string> Events { get; } = [];

        public ulong? UnknownId { get; private set; }

        public Task<long> RunAsync(BankDatabase bank) => RunAsync(bank, Order);

        public Task<long> RunAsync(BankDatabase bank, DbSessionOptions? options) => bank.Sessions.WriteAsync(
            (session, token) =>
            {
                if (++Runs == FailsAtRun)
                    throw new InvalidTimeZoneException();
                session.OnCommitted(_ =>
                {
                    Events.Add("committed");
                    return ValueTask.CompletedTask;
                });
                session.OnUnknown(commit =>
                {
                    Events.Add(commit.Outcome.ToString());
                    UnknownId = commit.TransactionId;
                    return ValueTask.CompletedTask;
                });
                return TakeOneAsync(session, token);
            },
            options,
            Token).AsTask();
    }
}
