using StackExchange.Redis;

namespace Data.FaultTests.Cache;

/// <summary>The truth that a cache stands before: a version for each key, which only rises.</summary>
internal interface IVersions
{
    ValueTask<long> ReadAsync(int key);

    /// <summary>Raises a version and returns it.</summary>
    ValueTask<long> RaiseAsync(int key);
}

/// <summary>Versions for the nodes of one process.</summary>
internal sealed class LocalVersions(int keys) : IVersions
{
    private readonly long[] _versions = new long[keys];

    public ValueTask<long> ReadAsync(int key) => ValueTask.FromResult(Volatile.Read(ref _versions[key]));

    public ValueTask<long> RaiseAsync(int key) => ValueTask.FromResult(Interlocked.Increment(ref _versions[key]));
}

/// <summary>Versions for several processes, in a server of their own that nothing befalls.</summary>
internal sealed class SharedVersions(IDatabase database) : IVersions
{
    public async ValueTask<long> ReadAsync(int key) => (long)await database.StringGetAsync($"version{key}");

    public async ValueTask<long> RaiseAsync(int key) => await database.StringIncrementAsync($"version{key}");
}
