using Data.Resilience.Interceptors;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace Microsoft.EntityFrameworkCore;

/// <summary>Reads what a session has cost so far.</summary>
public static class QueryDiagnosticsExtensions
{
    /// <summary>
    /// Counts the commands the context has sent, and the time it waited for them, since it was leased or created; in a session those on its
    /// bare connection too.
    /// </summary>
    /// <param name="database">The context's database.</param>
    /// <returns>The figures so far; zeroes when diagnostics are off.</returns>
    /// <remarks>A pooled context starts again at zero on each lease. Not thread-safe, as the context is not.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="database"/> is null.</exception>
    public static SessionQueryStatistics GetQueryStatistics(this DatabaseFacade database)
    {
        ArgumentNullException.ThrowIfNull(database);
        var scope = QueryScope.Of(((IDatabaseFacadeDependenciesAccessor)database).Context);
        return scope is null ? default : new SessionQueryStatistics(scope.QueryCount, scope.DatabaseTime);
    }
}
