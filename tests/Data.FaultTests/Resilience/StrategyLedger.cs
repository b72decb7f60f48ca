using System.Collections.Concurrent;
using System.Globalization;
using Data.Resilience;
using Data.Resilience.Commits;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace Data.FaultTests.Resilience;

/// <summary>What callers of injected contexts were told, to be held against what the database holds.</summary>
internal sealed class StrategyLedger
{
    private readonly ConcurrentDictionary<long, string> _told = new();
    private readonly string _connectionString;
    private readonly StrategyWork _work;
    private readonly bool _verifies;
    private long _numbers;

    private StrategyLedger(string connectionString, StrategyWork work, bool verifies)
    {
        _connectionString = connectionString;
        _work = work;
        _verifies = verifies;
    }

    public int Done => _told.Values.Count(told => told == "done");

    public int Ambiguous => _told.Values.Count(told => told == "ambiguous");

    public int Failed => _told.Values.Count(told => told == "failed");

    public ConcurrentQueue<Exception> Failures { get; } = new();

    public static async Task<StrategyLedger> CreateAsync(PostgresServer server, StrategyWork work, bool verifies = true)
    {
        var ledger = new StrategyLedger(await server.CreateDatabaseAsync(), work, verifies);
        await using var connection = new NpgsqlConnection(ledger._connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(LedgerContext.Schema, connection);
        await command.ExecuteNonQueryAsync();
        return ledger;
    }

    /// <summary>Makes contexts with a pool of connections of their own that reach the database at the given port.</summary>
    public IDbContextFactory<LedgerContext> Connect(int port, int poolSize = 20, Action<ExecutionStrategyOptions>? configure = null)
    {
        var settings = new NpgsqlConnectionStringBuilder(_connectionString)
        {
            Port = port,
            MaxPoolSize = poolSize,
            Timeout = 5,
            CancellationTimeout = 500,
        };
        return new PooledDbContextFactory<LedgerContext>(new DbContextOptionsBuilder<LedgerContext>()
            .UseNpgsql(settings.ConnectionString)
            .UseDataResilience(options =>
            {
                options.VerifySingleStatements = _verifies;
                options.Retry.BaseDelay = TimeSpan.FromMilliseconds(1);
                options.Retry.MaxRetryAttempts = 30;
                options.Retry.BudgetTokens = 0;
                options.CircuitBreaker.Enabled = false;
                configure?.Invoke(options);
            })
            .Options);
    }

    /// <summary>Writes once and notes what the caller was told.</summary>
    public async Task WorkAsync(IDbContextFactory<LedgerContext> contexts)
    {
        var number = Interlocked.Increment(ref _numbers);
        try
        {
            await using var context = await contexts.CreateDbContextAsync();
            await RunAsync(context, number);
            _told[number] = "done";
        }
        catch (AmbiguousCommitException exception)
        {
            Failures.Enqueue(exception);
            _told[number] = "ambiguous";
        }
        catch (Exception exception)
        {
            Failures.Enqueue(exception);
            _told[number] = "failed";
        }
    }

    /// <summary>Holds what was told against the database.</summary>
    public async Task VerifyAsync()
    {
        await using var connection = new NpgsqlConnection(_connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT transfer, count(*) FROM ledger GROUP BY 1; SELECT sum(balance) FROM accounts",
            connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new Dictionary<long, long>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetInt64(0), reader.GetInt64(1));

        await reader.NextResultAsync();
        await reader.ReadAsync();
        var added = reader.GetDecimal(0) - 10_000_000m;
        if (_work == StrategyWork.ExecuteUpdate)
        {
            added.ShouldBeInRange(Done, Done + Ambiguous);
            return;
        }

        added.ShouldBe(0);
        rows.Values.ShouldAllBe(count => count == 1, "Nothing may take effect twice.");
        foreach (var (number, told) in _told.Where(pair => pair.Value != "ambiguous"))
        {
            rows.ContainsKey(number)
                .ShouldBe(told == "done", string.Create(CultureInfo.InvariantCulture, $"{number} was told to be {told}."));
        }
    }

    private async Task RunAsync(LedgerContext context, long number)
    {
        var (source, target) = ((int)(number % 10), (int)((number + 1) % 10));
        var entry = new LedgerEntry { Transfer = number, Source = source, Target = target };
        switch (_work)
        {
            case StrategyWork.SaveChanges:
                context.Ledger.Add(entry);
                (await context.SaveChangesAsync()).ShouldBe(1);
                break;
            case StrategyWork.ExecuteUpdate:
                (await context.Accounts.Where(account => account.Id == source)
                    .ExecuteUpdateAsync(set => set.SetProperty(account => account.Balance, account => account.Balance + 1))).ShouldBe(1);
                break;
            case StrategyWork.Transaction:
                context.Ledger.Add(entry);
                await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
                {
                    await using var transaction = await context.Database.BeginTransactionAsync();
                    await context.Database.ExecuteSqlAsync($"UPDATE accounts SET balance = balance - 1 WHERE id = {source}");
                    await context.Database.ExecuteSqlAsync($"UPDATE accounts SET balance = balance + 1 WHERE id = {target}");
                    await context.SaveChangesAsync();
                    await transaction.CommitAsync();
                });
                break;
        }
    }
}
