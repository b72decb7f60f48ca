using Data.Resilience;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Connections;
using Data.Resilience.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Polly.CircuitBreaker;

namespace Data.FaultTests.Resilience;

/// <summary>Clients that make transfers one after another, while a test breaks what they run on.</summary>
internal sealed class LedgerLoad : IAsyncDisposable
{
    private const int PoolSize = 6;
    private readonly Ledger _ledger;
    private readonly ServiceProvider _services;
    private readonly CancellationTokenSource _stop = new();
    private readonly DbSessionOptions _options;
    private Task _clients = Task.CompletedTask;

    private LedgerLoad(Ledger ledger, ServiceProvider services, DbSessionOptions options)
    {
        _ledger = ledger;
        _services = services;
        _options = options;
        Circuit.StateChanged += (_, state) =>
        {
            lock (States)
                States.Add(state);
        };
    }

    public IDatabaseCircuit Circuit => _services.GetRequiredKeyedService<IDatabaseCircuit>(typeof(LedgerContext));

    /// <summary>Gets the states the circuit went through.</summary>
    public List<CircuitState> States { get; } = [];

    public static LedgerLoad Start(
        Ledger ledger,
        int port,
        int clients = 4,
        DbSessionOptions? options = null,
        Action<DataResilienceOptions>? configure = null)
    {
        var services = ledger.Connect(
            port,
            settings =>
            {
                settings.Retry.MaxConflictRetryAttempts = 100;
                // Only to be quick: the default passes as well, some seconds later.
                settings.Retry.MaxDelay = TimeSpan.FromMilliseconds(400);
                settings.Retry.TotalTimeout = TimeSpan.FromMinutes(1);
                settings.Retry.CommitVerificationTimeout = TimeSpan.FromMinutes(1);
                configure?.Invoke(settings);
            },
            PoolSize);
        var load = new LedgerLoad(ledger, services, options ?? new DbSessionOptions());
        load._clients = Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(load.RunAsync)));
        return load;
    }

    /// <summary>Waits until so many more transfers are done.</summary>
    public async Task ProgressAsync(int transfers = 20)
    {
        var goal = _ledger.Done + transfers;
        while (_ledger.Done < goal)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(5);
        }
    }

    /// <summary>Lets every client finish its transfer, and proves that each connection was given back.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _clients;
        var source = _services.GetRequiredKeyedService<DatabaseNode>(typeof(LedgerContext)).DataSource;
        var all = await Task.WhenAll(
            Enumerable.Range(0, PoolSize).Select(_ => source.OpenConnectionAsync(TestContext.Current.CancellationToken).AsTask()));
        await using (var command = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid "
            + "<> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'", all[0]))
        {
            (await command.ExecuteScalarAsync()).ShouldBe(0L, "No transaction may be left open.");
        }

        foreach (var connection in all)
            await connection.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _clients;
        await _services.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var sessions = _services.GetRequiredService<IDbSessionFactory<LedgerContext>>();
        while (!_stop.IsCancellationRequested)
        {
            if (!await _ledger.TransferAsync(sessions, _options, CancellationToken.None))
                await Task.Delay(10);
        }
    }
}
