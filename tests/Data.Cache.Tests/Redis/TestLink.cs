using Data.Cache.Internal;
using Data.Cache.Redis;
using Data.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Cache.Tests.Redis;

/// <summary>A link to a Redis without a cache around it.</summary>
internal sealed class TestLink : IRemoteEvents, IAsyncDisposable
{
    private readonly RedisLink _link;
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestLink(DataCacheOptions options)
    {
        Options = options;
        Keys = new RedisKeys(options.KeyPrefix);
        _link = new RedisLink(
            options,
            Keys,
            new LinkLog(NullLogger.Instance, options.OutageMode, new StripedCounter()),
            Clock,
            TimeProvider.System);
        Store = new RedisStore(_link, Keys, options, Clock);
    }

    public DataCacheOptions Options { get; }

    public RedisKeys Keys { get; }

    public StampClock Clock { get; } = new(TimeProvider.System);

    public RedisStore Store { get; }

    public UnprovenChanges Unproven => _link.Unproven;

    public static async Task<TestLink> ConnectAsync(RedisServer redis, string prefix, Action<DataCacheOptions>? configure = null)
    {
        var options = new DataCacheOptions { Configuration = redis.ConnectionString, KeyPrefix = prefix };
        configure?.Invoke(options);
        var link = new TestLink(options);
        link._link.Start(link);
        await link._connected.Task.WaitAsync(TimeSpan.FromSeconds(30));
        return link;
    }

    public void OnMessage(in BusMessage message, bool own)
    {
    }

    public void OnBeat(in Beat beat)
    {
    }

    public void OnDisconnected(Exception? cause)
    {
    }

    public Task<bool> OnReconnectingAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    public void OnConnected() => _connected.TrySetResult();

    public void OnChanged(string? name)
    {
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();
}
