using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Repositories;

/// <summary>Turns EF's concurrency exception into one that carries both versions.</summary>
internal static class ConcurrencyConflicts
{
    public static async Task<Exception> DescribeAsync<T>(DbUpdateConcurrencyException exception, CancellationToken cancellationToken)
        where T : class
    {
        if (exception.Entries is not [var entry, ..])
            return exception;
        // One round trip, only on conflict. The statement that matched no row did not abort the transaction.
        var current = await entry.GetDatabaseValuesAsync(cancellationToken).ConfigureAwait(false);
        var token = entry.Metadata.GetProperties().FirstOrDefault(p => p.IsConcurrencyToken);
        var expected = token is null ? null : entry.OriginalValues[token];
        var found = token is null ? null : current?[token];
        var theirs = current?.ToObject();
        return entry.Entity is T mine
            ? new ConcurrencyConflictException<T>(mine, (T?)theirs, expected, found, exception)
            : new ConcurrencyConflictException(entry.Entity, theirs, expected, found, exception);
    }
}
