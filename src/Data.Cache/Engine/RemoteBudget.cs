namespace Data.Cache.Engine;

/// <summary>How long the callers of one flight may still wait for Redis, however many steps that takes.</summary>
/// <remarks>
/// The steps of a flight follow one another, so no two are awaited at a time. Counted is the wait for an answer: not the run of a factory,
/// here or on the node that holds the lease, and not what this process needs to send a command, which is long for the first of its kind.
/// </remarks>
internal sealed class RemoteBudget(TimeSpan limit, TimeSpan spent, TimeProvider time)
{
    private TimeSpan _left = limit - spent;

    /// <summary>What is left; zero when it is spent.</summary>
    public TimeSpan Left => IsSpent ? TimeSpan.Zero : _left;

    public bool IsSpent => _left <= TimeSpan.Zero;

    /// <summary>Awaits the answer to a command that was sent.</summary>
    public async ValueTask<T> SpendAsync<T>(ValueTask<T> answer)
    {
        var started = time.GetTimestamp();
        try
        {
            return await answer.ConfigureAwait(false);
        }
        finally
        {
            _left -= time.GetElapsedTime(started);
        }
    }
}
