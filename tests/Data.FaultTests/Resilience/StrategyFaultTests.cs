using Data.TestServers;

namespace Data.FaultTests.Resilience;

/// <summary>
/// Contexts that have the execution strategy and no sessions: the connection is cut after every byte of their conversation, in both
/// directions, and the server is killed.
/// </summary>
public sealed class StrategyFaultTests
{
    private const int Clients = 4;
    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("DATA_TEST_SCALE"), out var scale) ? scale : 1;

    [Theory]
    [InlineData(Direction.ToServer, CutKind.Reset, StrategyWork.SaveChanges)]
    [InlineData(Direction.ToClient, CutKind.Close, StrategyWork.SaveChanges)]
    [InlineData(Direction.ToServer, CutKind.Reset, StrategyWork.ExecuteUpdate)]
    [InlineData(Direction.ToClient, CutKind.Close, StrategyWork.ExecuteUpdate)]
    [InlineData(Direction.ToServer, CutKind.Reset, StrategyWork.Transaction)]
    [InlineData(Direction.ToClient, CutKind.Close, StrategyWork.Transaction)]
    [InlineData(Direction.ToServer, CutKind.Close, StrategyWork.SaveChanges)]
    [InlineData(Direction.ToClient, CutKind.Reset, StrategyWork.SaveChanges)]
    public async Task Work_ConnectionCutAfterEveryByte_IsDoneOnce(Direction direction, CutKind kind, StrategyWork work)
    {
        // Every byte in both directions always; the other ways to cut when there is time.
        Assert.SkipWhen(Scale < 2 && (direction == Direction.ToServer) == (kind == CutKind.Close), "Set DATA_TEST_SCALE to 2 or more.");
        var (ledger, cuts) = await CutEverywhereAsync(direction, kind, work, verifies: true);

        await ledger.VerifyAsync();
        ledger.Failures.ShouldBeEmpty();
        cuts.ShouldBeGreaterThan(200);
    }

    [Theory]
    [InlineData(Direction.ToServer)]
    [InlineData(Direction.ToClient)]
    public async Task SingleStatement_NotVerifiedAndCutAfterEveryByte_IsToldAsItIs(Direction direction)
    {
        var (ledger, cuts) = await CutEverywhereAsync(direction, CutKind.Reset, StrategyWork.SaveChanges, verifies: false);

        await ledger.VerifyAsync();
        ledger.Failed.ShouldBe(0);
        ledger.Ambiguous.ShouldBeGreaterThan(20);
        cuts.ShouldBeGreaterThan(50);
    }

    [Fact]
    public async Task SaveChanges_ServerKilledAndStartedAgainUnderLoad_IsDoneOnceAndWithoutAnError()
    {
        var token = TestContext.Current.CancellationToken;
        await using var server = await PostgresServer.StartAsync(cancellationToken: token);
        var ledger = await StrategyLedger.CreateAsync(server, StrategyWork.SaveChanges);
        var contexts = ledger.Connect(server.Port, configure: options =>
        {
            options.Retry.MaxRetryAttempts = 100;
            options.Retry.MaxDelay = TimeSpan.FromMilliseconds(400);
            options.Retry.TotalTimeout = TimeSpan.FromMinutes(1);
            options.Retry.CommitVerificationTimeout = TimeSpan.FromMinutes(1);
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token);
        var load = Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await ledger.WorkAsync(contexts);
        })));

        for (var kill = 0; kill < 2 * Scale; kill++)
        {
            await ProgressAsync();
            await server.KillAsync();
            await server.StartAgainAsync(token);
        }

        await ProgressAsync();
        await stop.CancelAsync();
        await load;
        await ledger.VerifyAsync();
        ledger.Failures.ShouldBeEmpty();

        async Task ProgressAsync()
        {
            for (var goal = ledger.Done + 50; ledger.Done < goal;)
                await Task.Delay(5, token);
        }
    }

    private static async Task<(StrategyLedger Ledger, int Cuts)> CutEverywhereAsync(
        Direction direction, CutKind kind, StrategyWork work, bool verifies)
    {
        var server = await SharedServers.PostgresAsync();
        var ledger = await StrategyLedger.CreateAsync(server, work, verifies);
        var next = -1;
        var cuts = 0;
        var length = int.MaxValue;

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            await using var proxy = await FaultProxy.StartAsync(server);
            var contexts = ledger.Connect(proxy.Port, poolSize: 1);
            while (Interlocked.Increment(ref next) is var bytes && bytes < Volatile.Read(ref length))
            {
                // A warm connection first, so that the cut falls into the work and not into the log-in.
                await ledger.WorkAsync(contexts);
                var cut = proxy.CutOpenAfter(direction, bytes, kind);
                await ledger.WorkAsync(contexts);
                if (cut.Happened.IsCompleted)
                    Interlocked.Increment(ref cuts);
                else
                    InterlockedMin(ref length, bytes);
            }
        })));

        TestContext.Current.TestOutputHelper?.WriteLine($"{cuts} cuts, {ledger.Done} done, {ledger.Ambiguous} ambiguous");
        return (ledger, cuts);
    }

    private static void InterlockedMin(ref int location, int value)
    {
        int seen;
        do
            seen = Volatile.Read(ref location);
        while (value < seen && Interlocked.CompareExchange(ref location, value, seen) != seen);
    }
}
