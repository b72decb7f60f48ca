namespace Data.Benchmarks.Cache.Peers;

/// <summary>One of the caches that are measured side by side.</summary>
internal interface ICachePeer : IAsyncDisposable
{
    /// <summary>Name with version, as published.</summary>
    string Name { get; }

    /// <summary>A value of either level; throws when there is none.</summary>
    ValueTask<string> ReadAsync(string key);

    /// <summary>A value of Redis, the local level left out; throws when there is none.</summary>
    ValueTask<string> ReadRemoteAsync(string key);

    /// <summary>A value of either level, or of the factory.</summary>
    ValueTask<string> GetOrCreateAsync(string key, Func<CancellationToken, ValueTask<string>> factory);

    /// <summary>Stores in both levels.</summary>
    ValueTask SetAsync(string key, string value);
}
