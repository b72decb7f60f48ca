namespace Data.Cache.Redis;

/// <summary>What the link tells the cache.</summary>
internal interface IRemoteEvents
{
    /// <summary>A message arrived on the invalidation channel, possibly one of our own.</summary>
    void OnMessage(in BusMessage message, bool own);

    /// <summary>Redis does not answer, or invalidations do not arrive.</summary>
    void OnAway(Exception? cause);

    /// <summary>
    /// Redis answers and invalidations arrive again, but some may have been missed. Runs before any caller reaches Redis;
    /// <paramref name="dataLost"/> says that Redis no longer has what it had. Returns false when Redis went away meanwhile.
    /// </summary>
    Task<bool> OnBackAsync(bool dataLost, CancellationToken cancellationToken);

    /// <summary>Callers reach Redis again.</summary>
    void OnConnected();
}
