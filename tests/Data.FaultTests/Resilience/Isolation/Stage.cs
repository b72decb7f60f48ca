using System.Data;
using Data.Resilience.Sessions;
using Npgsql;

namespace Data.FaultTests.Resilience.Isolation;

/// <summary>Where a script is played: over plain connections, or through sessions.</summary>
internal sealed class Stage(string connectionString, IsolationLevel level, IDbSessionFactory<LedgerContext>? sessions) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString);
    private readonly List<Actor> _actors = [];
    private int _repeated;

    /// <summary>Gets how the transactions ended that were not committed, in order.</summary>
    public string Failures => string.Join(", ", _actors.Select(actor => actor.Ended).Where(ended => ended is not (null or "abort")));

    /// <summary>Gets how many transactions sessions ran again.</summary>
    public int Repeated => _repeated;

    public Actor Actor()
    {
        var actor = new Actor(sessions is null ? RunPlainAsync : RunSessionAsync);
        _actors.Add(actor);
        return actor;
    }

    public async Task ResetAsync() =>
        await ExecuteAsync(
            "CREATE TABLE IF NOT EXISTS test (id int PRIMARY KEY, value int); TRUNCATE test; INSERT INTO test VALUES (1, 10), (2, 20)");

    /// <summary>Waits until a transaction waits for another one's lock.</summary>
    public async Task UntilBlockedAsync()
    {
        while (await ReadAsync("SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
            is [0])
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(2);
        }
    }

    public async Task<int[]> ReadAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<int>();
        while (await reader.ReadAsync())
            values.Add(reader.GetInt32(0));

        return [.. values];
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task RunPlainAsync(Actor actor)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync(level);
            await actor.WorkAsync(connection);
            await transaction.CommitAsync();
        }
        catch (Exception exception) when (exception is PostgresException or Isolation.Actor.AbortException)
        {
            actor.End(exception);
        }
    }

    private async Task RunSessionAsync(Actor actor)
    {
        var runs = 0;
        Exception? failure = null;
        var outcome = await sessions!.TryExecuteAsync(
            DbSessionKind.Write,
            async (session, _, _) =>
            {
                // Only the first attempt plays its part; that a second comes is what the script is about.
                if (++runs > 1)
                    return 0;
                try
                {
                    await actor.WorkAsync(session.Connection);
                }
                catch (Exception exception)
                {
                    failure = exception;
                    throw;
                }

                return 0;
            },
            state: 0,
            new DbSessionOptions { IsolationLevel = level });
        failure ??= outcome.Exception;
        if (runs > 1)
            Interlocked.Increment(ref _repeated);
        if (failure is not null)
            actor.End(failure);
        else if (runs > 1)
            actor.End(new PostgresException("refused at COMMIT", "ERROR", "ERROR", "40001"));
    }
}
