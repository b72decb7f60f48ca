using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Interceptors;

/// <summary>
/// Counts a command that goes to the connection without EF's command, such as a COPY, in the table, in the session's figures and in the
/// slow log.
/// </summary>
internal static class DirectCommand
{
    /// <summary>Runs the command, unless the context is another session's; <paramref name="run"/> returns the rows it wrote.</summary>
    public static async Task<T> ObserveAsync<T>(DbContext context, string text, Func<Task<T>> run, Func<T, long> rows)
    {
        ContextOwner.Of(context).EnsureCurrent();
        if (QueryScope.Of(context) is not { } scope)
            return await run().ConfigureAwait(false);

        var started = scope.Monitor.Time.GetTimestamp();
        var affected = -1L;
        scope.Starting();
        try
        {
            var result = await run().ConfigureAwait(false);
            affected = rows(result);
            return result;
        }
        finally
        {
            scope.Ran(text, scope.Monitor.Time.GetElapsedTime(started), Math.Max(affected, 0), failed: affected < 0);
        }
    }
}
