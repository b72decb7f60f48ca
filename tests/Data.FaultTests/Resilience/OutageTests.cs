using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Data.Resilience;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.FaultTests.Resilience;

/// <summary>The server is killed and started again while calls come at a steady rate, with default settings.</summary>
public sealed class OutageTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private readonly ConcurrentQueue<Exception> _errors = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ExecuteAsync_ServerAwayForTwoSeconds_NoCallFailsAndTheDeadServerIsAskedOncePerCall(bool breaks)
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var proxy = await FaultProxy.StartAsync(server);
        var ledger = await Ledger.CreateAsync(server);
        await using var services = Connect(ledger, proxy.Port, options =>
        {
            if (breaks)
            {
                // So that the circuit opens within the outage; with the default window it takes longer.
                options.CircuitBreaker.SamplingDuration = TimeSpan.FromMilliseconds(500);
                options.CircuitBreaker.MinimumThroughput = 5;
            }
        });
        var sessions = services.GetRequiredService<IDbSessionFactory<LedgerContext>>();
        var calls = new List<Task>();
        await LoadAsync(calls, sessions, TimeSpan.FromSeconds(2));
        await server.KillAsync();
        var (before, made) = (proxy.ConnectionCount, calls.Count);
        await LoadAsync(calls, sessions, TimeSpan.FromSeconds(2));
        var attempts = proxy.ConnectionCount - before;
        made = calls.Count - made;
        var starting = server.StartAgainAsync(Token);
        await LoadAsync(calls, sessions, TimeSpan.FromSeconds(2));
        await starting;
        await Task.WhenAll(calls).WaitAsync(TimeSpan.FromSeconds(30), Token);

        TestContext.Current.TestOutputHelper!.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{calls.Count} calls, {made} during the outage, {attempts} attempts in it"));
        _errors.ShouldBeEmpty();
        await using var connection = new NpgsqlConnection(ledger.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var rows = new NpgsqlCommand("SELECT array_agg(transfer ORDER BY transfer) FROM ledger", connection);
        ((long[])(await rows.ExecuteScalarAsync(Token))!).ShouldBe(
            Enumerable.Range(0, calls.Count).Where(IsWrite).Select(call => (long)call), "Each write took effect once.");
        // A commit that was under way is verified on connections of its own.
        attempts.ShouldBeLessThanOrEqualTo((made * 11 / 10) + 10);
        if (breaks)
            attempts.ShouldBeLessThan(made / 2, "The circuit should have kept most calls from trying.");
    }

    [Fact]
    public async Task ReadAsync_OneCallDuringAnOutage_WaitsForTheReturn()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Token);
        var ledger = await Ledger.CreateAsync(server);
        await using var services = Connect(ledger, server.Port, _ => { });
        var sessions = services.GetRequiredService<IDbSessionFactory<LedgerContext>>();
        await server.KillAsync();
        var call = ReadAsync(sessions);
        await Task.Delay(TimeSpan.FromSeconds(2), Token);
        call.IsCompleted.ShouldBeFalse();

        await server.StartAgainAsync(Token);
        await call;
        _errors.ShouldBeEmpty();
    }

    private async Task LoadAsync(List<Task> calls, IDbSessionFactory<LedgerContext> sessions, TimeSpan duration)
    {
        var started = Stopwatch.GetTimestamp();
        for (var due = TimeSpan.Zero; due < duration; due += Interval)
        {
            if (due - Stopwatch.GetElapsedTime(started) is var wait && wait > TimeSpan.Zero)
                await Task.Delay(wait, Token);
            calls.Add(IsWrite(calls.Count) ? WriteAsync(sessions, calls.Count) : ReadAsync(sessions));
        }
    }

    private static bool IsWrite(int call) => call % 4 == 0;

    /// <summary>Adds a row that no other call contends for: what is at stake is the outage.</summary>
    private async Task WriteAsync(IDbSessionFactory<LedgerContext> sessions, int call)
    {
        var outcome = await sessions.TryExecuteAsync(
            DbSessionKind.Write,
            static (session, call, token) =>
            {
                session.Context.Ledger.Add(new LedgerEntry { Transfer = call, Source = 0, Target = 0 });
                return session.Context.SaveChangesAsync(token);
            },
            call,
            cancellationToken: Token);
        if (outcome.Exception is { } error)
            _errors.Enqueue(error);
    }

    private async Task ReadAsync(IDbSessionFactory<LedgerContext> sessions)
    {
        var outcome = await sessions.TryExecuteAsync(
            DbSessionKind.Read,
            static (session, _, token) => session.Context.Ledger.CountAsync(token),
            state: 0,
            cancellationToken: Token);
        if (outcome.Exception is { } error)
            _errors.Enqueue(error);
    }

    private static ServiceProvider Connect(Ledger ledger, int port, Action<DataResilienceOptions> configure)
    {
        // The driver connects again without encryption when the first connection is cut, which is not an attempt of the session's.
        var settings = new NpgsqlConnectionStringBuilder(ledger.ConnectionString + ";SSL Mode=Disable;GSS Encryption Mode=Disable")
        {
            Port = port
        };
        var services = new ServiceCollection();
        services.AddDataResilience<LedgerContext>(options =>
        {
            options.ConnectionString = settings.ConnectionString;
            configure(options);
        });
        return services.BuildServiceProvider();
    }
}
