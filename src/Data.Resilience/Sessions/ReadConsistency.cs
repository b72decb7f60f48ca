namespace Data.Resilience.Sessions;

/// <summary>How fresh the data of a read session must be, which decides whether a replica may serve it.</summary>
/// <remarks>Immutable and safe to share. Without replicas every value is served by the primary.</remarks>
public sealed class ReadConsistency
{
    private ReadConsistency(string? token, TimeSpan? maxStaleness)
    {
        Token = token;
        MaxStaleness = maxStaleness;
    }

    /// <summary>Strictest consistency: the primary serves the read.</summary>
    public static ReadConsistency Strong { get; } = new(token: null, maxStaleness: null);

    /// <summary>Opaque token of the commit that must be visible; null unless created by <see cref="ReadYourWrites"/>.</summary>
    public string? Token { get; }

    /// <summary>Greatest accepted age of the data; null unless created by <see cref="BoundedStaleness"/>.</summary>
    public TimeSpan? MaxStaleness { get; }

    /// <summary>Asks that the commit named by a token be visible.</summary>
    /// <param name="token">The token a write handed out; opaque, may have travelled in an HTTP header. Not null or empty.</param>
    /// <returns>The consistency.</returns>
    /// <remarks>A replica serves only when it has replayed the commit, else after a short wait, else the primary does.</remarks>
    /// <exception cref="ArgumentException"><paramref name="token"/> is null or empty.</exception>
    public static ReadConsistency ReadYourWrites(string token)
    {
        ArgumentException.ThrowIfNullOrEmpty(token);
        return new(token, maxStaleness: null);
    }

    /// <summary>Allows data that is at most so old.</summary>
    /// <param name="maxStaleness">The greatest age of the data; positive.</param>
    /// <returns>The consistency.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxStaleness"/> is not positive.</exception>
    public static ReadConsistency BoundedStaleness(TimeSpan maxStaleness)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(maxStaleness, TimeSpan.Zero);
        return new(token: null, maxStaleness);
    }
}
