using System.Data;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Data.FaultTests.Resilience;

/// <summary>
/// The connection is cut after every byte of a transfer's conversation, in both directions, with a reset and with an orderly end.
/// </summary>
public sealed class EveryByteTests
{
    private const int Clients = 4;
    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("DATA_TEST_SCALE"), out var scale) ? scale : 1;

    [Theory]
    [InlineData(Direction.ToServer, CutKind.Reset, IsolationLevel.ReadCommitted)]
    [InlineData(Direction.ToClient, CutKind.Close, IsolationLevel.Serializable)]
    [InlineData(Direction.ToServer, CutKind.Close, IsolationLevel.Serializable)]
    [InlineData(Direction.ToClient, CutKind.Reset, IsolationLevel.RepeatableRead)]
    public async Task WriteAsync_ConnectionCutAfterEveryByte_EffectsAreAsTold(Direction direction, CutKind kind, IsolationLevel level)
    {
        // Every byte in both directions always; the other ways to cut when there is time.
        Assert.SkipWhen(Scale < 2 && (direction == Direction.ToServer) == (kind == CutKind.Close), "Set DATA_TEST_SCALE to 2 or more.");
        var server = await SharedServers.PostgresAsync();
        var ledger = await Ledger.CreateAsync(server);
        var options = new DbSessionOptions { IsolationLevel = level, CaptureCommitLsn = true, MaxRetryAttempts = 30 };
        var next = -1;
        var cuts = 0;
        var length = int.MaxValue;

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            await using var proxy = await FaultProxy.StartAsync(server);
            await using var services = ledger.Connect(proxy.Port, poolSize: 1);
            var sessions = services.GetRequiredService<IDbSessionFactory<LedgerContext>>();
            while (Interlocked.Increment(ref next) is var bytes && bytes < Volatile.Read(ref length))
            {
                // A warm connection first, so that the cut falls into the transfer and not into the log-in.
                await ledger.TransferAsync(sessions, options, TestContext.Current.CancellationToken);
                var cut = proxy.CutOpenAfter(direction, bytes, kind);
                await ledger.TransferAsync(sessions, options, TestContext.Current.CancellationToken);
                if (cut.Happened.IsCompleted)
                    Interlocked.Increment(ref cuts);
                else
                    InterlockedMin(ref length, bytes);
            }
        })));

        await ledger.VerifyAsync();
        ledger.Failures.ShouldBeEmpty();
        cuts.ShouldBeGreaterThan(400);
        TestContext.Current.TestOutputHelper?.WriteLine($"{cuts} cuts, {ledger.Done} transfers");
    }

    private static void InterlockedMin(ref int location, int value)
    {
        int seen;
        do
            seen = Volatile.Read(ref location);
        while (value < seen && Interlocked.CompareExchange(ref location, value, seen) != seen);
    }
}
