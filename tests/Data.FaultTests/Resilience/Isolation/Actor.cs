using System.Threading.Channels;
using Npgsql;

namespace Data.FaultTests.Resilience.Isolation;

/// <summary>One transaction of a script: runs the statements that it is sent, one after another, until it is told to end.</summary>
internal sealed class Actor
{
    private readonly Channel<(string? Sql, TaskCompletionSource<int[]> Answer)> _steps =
        Channel.CreateUnbounded<(string?, TaskCompletionSource<int[]>)>();

    private readonly Func<Actor, Task> _run;
    private Task? _running;
    private bool _aborts;

    /// <summary>Makes a transaction that begins with its first statement.</summary>
    /// <param name="run">Begins, calls <see cref="WorkAsync"/> and commits.</param>
    public Actor(Func<Actor, Task> run) => _run = run;

    /// <summary>Gets the SQLSTATE that ended it, "abort" when it was told to, or null when it is committed.</summary>
    public string? Ended { get; private set; }

    /// <summary>Runs a statement.</summary>
    /// <returns>The first column of all its rows; empty when the transaction has failed.</returns>
    public Task<int[]> Do(string sql)
    {
        _running ??= Task.Run(() => _run(this));
        var answer = new TaskCompletionSource<int[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Ended is not null || !_steps.Writer.TryWrite((sql, answer)))
            answer.TrySetResult([]);
        return answer.Task;
    }

    public Task CommitAsync()
    {
        _steps.Writer.TryComplete();
        return _running!;
    }

    public Task AbortAsync()
    {
        _aborts = true;
        return CommitAsync();
    }

    /// <summary>The work between BEGIN and COMMIT.</summary>
    public async Task WorkAsync(NpgsqlConnection connection)
    {
        await foreach (var (sql, answer) in _steps.Reader.ReadAllAsync())
        {
            try
            {
                answer.SetResult(await ReadAsync(connection, sql!));
            }
            catch (PostgresException)
            {
                _steps.Writer.TryComplete();
                answer.SetResult([]);
                while (_steps.Reader.TryRead(out var skipped))
                    skipped.Answer.SetResult([]);
                throw;
            }
        }

        if (_aborts)
            throw new AbortException();
    }

    public void End(Exception exception) => Ended = (exception as PostgresException)?.SqlState ?? "abort";

    private static async Task<int[]> ReadAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var values = new List<int>();
        while (await reader.ReadAsync())
            values.Add(reader.GetInt32(0));

        return [.. values];
    }

    internal sealed class AbortException : Exception;
}
