namespace Data.Cache.Redis;

/// <summary>Receives invalidation messages and changes of the link's state.</summary>
internal interface IRemoteEvents
{
    /// <summary>Handles a message from the invalidation channel; <paramref name="own"/> says that this node sent it.</summary>
    void OnMessage(in BusMessage message, bool own);

    /// <summary>Handles the loss of the link: Redis does not answer, or invalidation messages do not arrive.</summary>
    void OnDisconnected(Exception? cause);

    /// <summary>Handles what a heartbeat has found out. Runs before callers reach Redis again, and every heartbeat after that.</summary>
    void OnBeat(in Beat beat);

    /// <summary>
    /// Prepares the cache for callers after Redis answers and messages arrive again; some messages may have been missed. Runs before any
    /// caller reaches Redis. Returns false when Redis stopped answering meanwhile.
    /// </summary>
    Task<bool> OnReconnectingAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Handles a change of a value's key by any client, this node included; null says that all keys are gone.
    /// </summary>
    void OnChanged(string? name);

    /// <summary>Handles the restored link: callers reach Redis again.</summary>
    void OnConnected();
}
