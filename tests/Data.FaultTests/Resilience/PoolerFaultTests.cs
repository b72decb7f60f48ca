using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace Data.FaultTests.Resilience;

/// <summary>
/// Behind PgBouncer in transaction mode, either link is cut after every byte and the server dies, while rivals contend for the same rows:
/// what is told is what the database holds.
/// </summary>
public sealed class PoolerFaultTests : IAsyncLifetime
{
    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("DATA_TEST_SCALE"), out var scale) ? scale : 1;

    private static readonly DbSessionOptions Patient = new()
    {
        CaptureCommitLsn = true,
        MaxRetryAttempts = 100,
        TotalTimeout = TimeSpan.FromMinutes(1),
    };

    private PostgresServer _server = null!;
    private FaultProxy _behind = null!;
    private PgBouncerServer _bouncer = null!;
    private FaultProxy _before = null!;
    private Ledger _ledger = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync(cancellationToken: Token);
        _behind = await FaultProxy.StartAsync(_server);
        _bouncer = await PgBouncerServer.StartAsync(
            _server,
            new PgBouncerServerOptions
            {
                PoolSize = 6,
                ServerPort = _behind.Port,
                Settings = { ["ignore_startup_parameters"] = "extra_float_digits,options" },
            },
            Token);
        _before = await FaultProxy.StartAsync(_bouncer);
        _ledger = await Ledger.CreateAsync(_server);
        _ledger.ConnectionString += ";No Reset On Close=true";
    }

    public async ValueTask DisposeAsync()
    {
        await _before.DisposeAsync();
        await _bouncer.DisposeAsync();
        await _behind.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(false, Direction.ToServer, CutKind.Reset)]
    [InlineData(false, Direction.ToClient, CutKind.Close)]
    [InlineData(true, Direction.ToServer, CutKind.Close)]
    [InlineData(true, Direction.ToClient, CutKind.Reset)]
    public async Task WriteAsync_LinkOfThePoolerCutAfterEveryByte_EffectsAreAsTold(bool isBehind, Direction direction, CutKind kind)
    {
        var proxy = isBehind ? _behind : _before;
        await using var rivals = LedgerLoad.Start(_ledger, _bouncer.Port, clients: 2);
        await using var services = _ledger.Connect(_before.Port, poolSize: 1);
        var sessions = services.GetRequiredService<IDbSessionFactory<LedgerContext>>();
        var (cuts, misses) = (0, 0);
        // A transfer's conversation is shorter; a cut that no longer falls into it ends the walk.
        for (var bytes = 0; bytes < 4000 && misses < 3; bytes += Scale > 1 ? 1 : 7)
        {
            await _ledger.TransferAsync(sessions, Patient, Token);
            var cut = proxy.CutOpenAfter(direction, bytes, kind);
            await _ledger.TransferAsync(sessions, Patient, Token);
            if (cut.Happened.IsCompleted)
                (cuts, misses) = (cuts + 1, 0);
            else
                misses++;
        }

        // The last cuts still wait on the rivals' links.
        proxy.ResetAll();
        await rivals.StopAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{cuts} cuts, {_ledger.Done} transfers");
        _ledger.Failures.ShouldBeEmpty();
        await _ledger.VerifyAsync();
        cuts.ShouldBeGreaterThan(60);
    }

    [Fact]
    public async Task WriteAsync_ServerKilledBehindThePooler_EveryTransferIsDoneOnce()
    {
        await using var load = LedgerLoad.Start(_ledger, _bouncer.Port, clients: 6, Patient);
        for (var kill = 0; kill < 4 * Scale; kill++)
        {
            await load.ProgressAsync(50);
            await _server.KillAsync();
            await _server.StartAgainAsync(Token);
        }

        await load.ProgressAsync();
        await load.StopAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{_ledger.Done} transfers");
        await _ledger.VerifyAsync();
        _ledger.Failures.ShouldBeEmpty();
    }
}
