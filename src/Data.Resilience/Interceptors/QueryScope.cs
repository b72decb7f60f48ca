using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Data.Resilience.Interceptors;

/// <summary>
/// What one lease of a context has done. A scoped service of EF, so it is found through the context, and emptied by EF itself when a
/// pooled context goes back. Not thread-safe, as the context is not.
/// </summary>
internal sealed class QueryScope(IDbContextOptions options) : IResettableService, IDisposable
{
    private readonly Dictionary<QueryFingerprint, Repetition> _repetitions = [];
    private long _databaseTicks;

    public QueryMonitor Monitor { get; } = (options.FindExtension<QueryDiagnosticsExtension>()
        ?? throw new InvalidOperationException("Query diagnostics are not configured on this context.")).Monitor;

    public int QueryCount { get; private set; }

    public TimeSpan DatabaseTime => TimeSpan.FromTicks(_databaseTicks);

    public void Starting(Statement statement)
    {
        QueryCount++;
        if (Monitor.NPlusOne.Enabled)
            Monitor.NPlusOne.Observe(ref CollectionsMarshal.GetValueRefOrAddDefault(_repetitions, statement.Fingerprint, out _), statement);
    }

    public void Finished(Statement statement, in CommandCompletion completion)
    {
        _databaseTicks += completion.Duration.Ticks;
        Monitor.Finished(statement, completion);
    }

    /// <summary>Accounts for a command that EF did not send; never for the N+1 detector, as such a command is a batch already.</summary>
    public void Ran(string commandText, TimeSpan duration, long rows, bool failed)
    {
        QueryCount++;
        _databaseTicks += duration.Ticks;
        var statement = Monitor.Find(commandText);
        Monitor.Finished(statement, new CommandCompletion(duration, failed));
        statement.Statistics.AddRows(rows);
    }

    public void AddReadTime(TimeSpan duration) => _databaseTicks += duration.Ticks;

    public void ResetState()
    {
        if (QueryCount == 0)
            return;
        Monitor.SessionEnded(QueryCount, DatabaseTime);
        QueryCount = 0;
        _databaseTicks = 0;
        _repetitions.Clear();
    }

    public Task ResetStateAsync(CancellationToken cancellationToken = default)
    {
        ResetState();
        return Task.CompletedTask;
    }

    public void Dispose() => ResetState();
}
