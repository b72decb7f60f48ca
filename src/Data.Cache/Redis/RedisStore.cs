using System.Globalization;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>What the cache asks of Redis, one round trip each.</summary>
internal sealed class RedisStore(RedisLink link, RedisKeys keys, DataCacheOptions options)
{
    private readonly RedisValue _channel = keys.Channel;
    private readonly RedisValue _token = link.Sender.Id;

    public ValueTask<RemoteResult<byte[]?>> GetAsync(string name, TimeSpan deadline, CancellationToken cancellationToken) =>
        link.Gate.CallAsync(
            keys.Value(name),
            static async (database, key) => (byte[]?)await database.StringGetAsync(key).ConfigureAwait(false),
            deadline,
            cancellationToken);

    /// <summary>Writes over whatever is there. Returns the stamp, negative when memory was full and the old value was removed instead.</summary>
    public ValueTask<RemoteResult<long>> SetAsync(in RemoteWrite write, long floor, CancellationToken cancellationToken)
    {
        var value = keys.Value(write.Name);
        RedisKey[] both = [value, keys.Lease(value)];
        RedisValue[] arguments = [write.Head, write.Tail, write.TimeToLiveMs, floor, _channel, link.Sender.Next(BusMessageKind.Key), write.Name];
        return EvaluateAsync(Scripts.Set, both, arguments, options.RemoteHardTimeout, cancellationToken);
    }

    /// <summary>Asks to run a value's factory.</summary>
    public ValueTask<RemoteResult<LeaseAnswer>> LeaseAsync(string name, long seenStamp, long floor, CancellationToken cancellationToken)
    {
        var value = keys.Value(name);
        RedisKey[] both = [value, keys.Lease(value)];
        RedisValue[] arguments = [_token, (long)options.LeaseDuration.TotalMilliseconds, seenStamp, floor];
        return link.Gate.CallAsync(
            (both, arguments),
            static async (database, call) =>
            {
                var answer = (RedisValue[])(await database.ScriptEvaluateAsync(Scripts.Lease, call.both, call.arguments).ConfigureAwait(false))!;
                return new LeaseAnswer((LeaseOutcome)(int)answer[0], (long)answer[1]);
            },
            options.RemoteSoftTimeout,
            cancellationToken);
    }

    /// <summary>Writes what a factory made unless something newer is there, and frees the lease. Returns 1 when stored, 0 when not, -1 when memory was full.</summary>
    public ValueTask<RemoteResult<long>> StoreAsync(in RemoteWrite write, long stamp, CancellationToken cancellationToken)
    {
        var value = keys.Value(write.Name);
        RedisKey[] both = [value, keys.Lease(value)];
        RedisValue[] arguments =
            [write.Head, write.Tail, write.TimeToLiveMs, stamp, _token, _channel, link.Sender.Next(BusMessageKind.Key), write.Name];
        return EvaluateAsync(Scripts.Store, both, arguments, options.RemoteHardTimeout, cancellationToken);
    }

    public ValueTask<RemoteResult<long>> ReleaseAsync(string name, CancellationToken cancellationToken) => EvaluateAsync(
        Scripts.Release,
        [keys.Lease(keys.Value(name))],
        [_token, _channel, link.Sender.Next(BusMessageKind.Key), name],
        options.RemoteSoftTimeout,
        cancellationToken);

    public ValueTask<RemoteResult<long>> RenewAsync(string name, CancellationToken cancellationToken) => EvaluateAsync(
        Scripts.Renew,
        [keys.Lease(keys.Value(name))],
        [_token, (long)options.LeaseDuration.TotalMilliseconds],
        options.RemoteHardTimeout,
        cancellationToken);

    /// <summary>Removes a tag. Returns the stamp: what was made up to then is gone.</summary>
    public ValueTask<RemoteResult<long>> RemoveTagAsync(string name, long floor, CancellationToken cancellationToken) => EvaluateAsync(
        Scripts.RemoveTag,
        [keys.Tag(name)],
        [TagTimeToLive(name), floor, _channel, link.Sender.Next(BusMessageKind.Tag), name],
        options.RemoteHardTimeout,
        cancellationToken);

    /// <summary>Reads when tags were last removed; 0 for never. Also while callers are still held back.</summary>
    public ValueTask<RemoteResult<long[]>> GetTagsAsync(IReadOnlyList<string> names, TimeSpan deadline, CancellationToken cancellationToken) =>
        link.Gate.ProbeAsync(
            (keys, names),
            static async (database, call) =>
            {
                var reads = new Task<RedisValue>[call.names.Count];
                for (var i = 0; i < reads.Length; i++)
                    reads[i] = database.StringGetAsync(call.keys.Tag(call.names[i]));
                var values = await Task.WhenAll(reads).ConfigureAwait(false);
                return Array.ConvertAll(values, static value => long.TryParse((string?)value, NumberStyles.None, CultureInfo.InvariantCulture, out var stamp) ? stamp : 0);
            },
            deadline,
            cancellationToken);

    /// <summary>Tells every node that keys were removed by pattern. Returns the stamp.</summary>
    public ValueTask<RemoteResult<long>> PublishPatternAsync(string scope, string glob, long floor, CancellationToken cancellationToken) => EvaluateAsync(
        Scripts.Publish,
        null,
        [_channel, link.Sender.Next(BusMessageKind.Pattern), scope + "\0" + glob, floor],
        options.RemoteHardTimeout,
        cancellationToken);

    // The generation of everything is one key; those of other tags may leave once no entry can be older.
    private long TagTimeToLive(string name) => name == "*" ? 0 : (long)options.TagRetention.TotalMilliseconds;

    private ValueTask<RemoteResult<long>> EvaluateAsync(
        string script,
        RedisKey[]? names,
        RedisValue[] arguments,
        TimeSpan deadline,
        CancellationToken cancellationToken) =>
        link.Gate.CallAsync(
            (script, names, arguments),
            static async (database, call) => (long)await database.ScriptEvaluateAsync(call.script, call.names, call.arguments).ConfigureAwait(false),
            deadline,
            cancellationToken);
}
