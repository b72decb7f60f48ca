namespace Data.Health.Internal;

/// <summary>Ends work that nobody waits for any more.</summary>
internal static class Abandoned
{
    /// <summary>Cancels the work unless it has ended, observes its failure and disposes of its token source. Never throws.</summary>
    /// <remarks>
    /// Cancels on a thread of its own. What a driver does when it is cancelled may block, as a driver of a database does that asks a frozen
    /// server over another connection to cancel the query: on the pool's threads two such calls hold up every answer of a process with two
    /// processors.
    /// </remarks>
    public static async Task EndAsync(Task work, CancellationTokenSource stop)
    {
        if (!work.IsCompleted)
        {
            await Task.Factory.StartNew(stop.Cancel, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }
}
