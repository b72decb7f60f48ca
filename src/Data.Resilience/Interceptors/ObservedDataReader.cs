using Microsoft.EntityFrameworkCore.Storage;

namespace Data.Resilience.Interceptors;

/// <summary>EF's reader, counting rows and the time spent waiting for them. Reused by its command, as EF's own is.</summary>
internal sealed class ObservedDataReader : RelationalDataReader
{
    private QueryScope? _scope;
    private Statement? _statement;
    private long _rows;

    public void Watch(QueryScope scope, Statement statement)
    {
        _scope = scope;
        _statement = statement;
        _rows = 0;
    }

    public override bool Read()
    {
        if (_scope is not { } scope)
            return base.Read();

        // Nothing tells whether a blocking read waits for the network, so each is timed.
        var time = scope.Monitor.Time;
        var started = time.GetTimestamp();
        try
        {
            var read = base.Read();
            if (read)
                _rows++;
            return read;
        }
        finally
        {
            scope.AddReadTime(time.GetElapsedTime(started));
        }
    }

    public override Task<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = base.ReadAsync(cancellationToken);
        // Buffered rows complete at once; only a wait for the network is worth a clock and a state machine.
        if (!read.IsCompletedSuccessfully)
            return _scope is { } scope ? WaitAsync(read, scope) : read;
        if (read.Result)
            _rows++;
        return read;
    }

    public override void Dispose()
    {
        Note();
        base.Dispose();
    }

    public override ValueTask DisposeAsync()
    {
        Note();
        return base.DisposeAsync();
    }

    private async Task<bool> WaitAsync(Task<bool> pending, QueryScope scope)
    {
        var time = scope.Monitor.Time;
        var started = time.GetTimestamp();
        try
        {
            var read = await pending.ConfigureAwait(false);
            if (read)
                _rows++;
            return read;
        }
        finally
        {
            scope.AddReadTime(time.GetElapsedTime(started));
        }
    }

    private void Note()
    {
        if (_scope is null)
            return;
        // Batches of writes are read as results too; what they affected counts, not the keys they return.
        var affected = DbDataReader.RecordsAffected;
        _statement!.Statistics.AddRows(Math.Max(affected, _rows));
        _scope = null;
    }
}
