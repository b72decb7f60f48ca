using System.Collections.Concurrent;
using Data.Cache.Internal;
using Data.Cache.Redis;
using Data.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Data.Cache.Tests.Redis;

/// <summary>A link to a Redis without a cache around it.</summary>
internal sealed class TestLink : IRemoteEvents, IAsyncDisposable
{
    private readonly RedisLink _link;
    private readonly Func<Task<bool>> _reconnecting;
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestLink(DataCacheOptions options, Func<Task<bool>> reconnecting)
    {
        _reconnecting = reconnecting;
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

    /// <summary>Causes of lost links, as told.</summary>
    public ConcurrentQueue<Exception?> Causes { get; } = new();

    public static async Task<TestLink> ConnectAsync(
        RedisServer redis,
        string prefix,
        Action<DataCacheOptions>? configure = null,
        Func<Task<bool>>? reconnecting = null)
    {
        var options = new DataCacheOptions { Configuration = redis.ConnectionString, KeyPrefix = prefix };
        configure?.Invoke(options);
        var link = new TestLink(options, reconnecting ?? (static () => Task.FromResult(true)));
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

    public void OnDisconnected(Exception? cause) => Causes.Enqueue(cause);

    public Task<bool> OnReconnectingAsync(CancellationToken cancellationToken) => _reconnecting();

    public void OnConnected() => _connected.TrySetResult();

    public void OnChanged(string? name)
    {
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();
}
