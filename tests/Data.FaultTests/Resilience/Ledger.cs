using System.Collections.Concurrent;
using System.Globalization;
using Data.Resilience;
using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.FaultTests.Resilience;

/// <summary>What callers of transfers were told, to be held against what the database holds.</summary>
internal sealed class Ledger(string connectionString)
{
    private readonly ConcurrentDictionary<long, string> _told = new();
    private long _transfers;

    /// <summary>Gets the number of the latest transfer begun.</summary>
    public long Latest => Interlocked.Read(ref _transfers);

    public int Ambiguous => _told.Values.Count(told => told == "ambiguous");

    public int Failed => _told.Values.Count(told => told == "failed");

    public int Done => _told.Values.Count(told => told == "done");

    public ConcurrentQueue<Exception> Failures { get; } = new();

    public static async Task<Ledger> CreateAsync(PostgresServer server)
    {
        var ledger = new Ledger(await server.CreateDatabaseAsync());
        await using var connection = new NpgsqlConnection(ledger.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(LedgerContext.Schema, connection);
        await command.ExecuteNonQueryAsync();
        return ledger;
    }

    public string ConnectionString { get; set; } = connectionString;

    /// <summary>Makes a client with its own pool that reaches the database at the given port.</summary>
    public ServiceProvider Connect(int port, Action<DataResilienceOptions>? configure = null, int poolSize = 20)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString)
        {
            Port = port,
            MaxPoolSize = poolSize,
            Timeout = 5,
            CancellationTimeout = 500
        };
        var services = new ServiceCollection();
        services.AddDataResilience<LedgerContext>(options =>
        {
            options.ConnectionString = settings.ConnectionString;
            options.Retry.BaseDelay = TimeSpan.FromMilliseconds(1);
            options.CircuitBreaker.Enabled = false;
            options.Retry.BudgetTokens = 0;
            configure?.Invoke(options);
        });
        return services.BuildServiceProvider();
    }

    /// <summary>Makes one transfer and notes what the caller was told about it.</summary>
    /// <returns>Whether it was told to be done.</returns>
    public async Task<bool> TransferAsync(
        IDbSessionFactory<LedgerContext> sessions,
        DbSessionOptions options,
        CancellationToken cancellationToken)
    {
        var transfer = Interlocked.Increment(ref _transfers);
        try
        {
            await sessions.ExecuteAsync(DbSessionKind.Write, RunAsync, transfer, options, cancellationToken);
            _told[transfer] = "done";
            return true;
        }
        catch (AmbiguousCommitException exception)
        {
            Failures.Enqueue(exception);
            _told[transfer] = "ambiguous";
        }
        catch (Exception exception)
        {
            Failures.Enqueue(exception);
            _told[transfer] = "failed";
        }

        return false;
    }

    /// <summary>Holds what was told against the database: sums, and each transfer's effect exactly as often as told.</summary>
    /// <param name="lossUntil">Transfers up to this number may be lost although they were told to be done: those before a fail-over to an
    /// asynchronous replica.</param>
    public async Task VerifyAsync(long lossUntil = 0)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var batch = new NpgsqlCommand(
            "SELECT transfer, count(*) FROM ledger GROUP BY 1; SELECT sum(balance) FROM accounts; SELECT count(*) FROM pg_prepared_xacts",
            connection);
        await using var reader = await batch.ExecuteReaderAsync();
        var rows = new Dictionary<long, long>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetInt64(0), reader.GetInt64(1));

        rows.Values.ShouldAllBe(count => count == 1, "No transfer may take effect twice.");
        foreach (var (transfer, told) in _told)
        {
            var mayBeLost = told == "done" && transfer <= lossUntil;
            if (told != "ambiguous" && !mayBeLost)
            {
                rows.ContainsKey(transfer)
                    .ShouldBe(told == "done", string.Create(CultureInfo.InvariantCulture, $"Transfer {transfer} was told to be {told}."));
            }
        }

        await reader.NextResultAsync();
        await reader.ReadAsync();
        reader.GetDecimal(0).ShouldBe(10_000_000m);
    }

    private static async Task<int> RunAsync(IDbSession<LedgerContext> session, long transfer, CancellationToken cancellationToken)
    {
        var (source, target) = ((int)(transfer % 10), (int)((transfer + 1 + (transfer / 10 % 9)) % 10));
        var database = session.Context.Database;
        await database.ExecuteSqlAsync($"UPDATE accounts SET balance = balance - 1 WHERE id = {source}", cancellationToken);
        await database.ExecuteSqlAsync($"UPDATE accounts SET balance = balance + 1 WHERE id = {target}", cancellationToken);
        session.Context.Ledger.Add(new LedgerEntry { Transfer = transfer, Source = source, Target = target });
        return await session.Context.SaveChangesAsync(cancellationToken);
    }
}
