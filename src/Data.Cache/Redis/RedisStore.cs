using System.Globalization;
using Data.Cache.Internal;
using Data.Cache.Telemetry;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>The operations of the second level, one round trip each.</summary>
internal sealed class RedisStore(RedisLink link, RedisKeys keys, DataCacheOptions options, StampClock clock)
{
    private readonly RedisValue _channel = keys.Channel;
    private readonly string _token = link.Sender.Id.ToString("x16", CultureInfo.InvariantCulture) + ":";

    /// <summary>Reads the bytes of a value. Most callers wait for this call, so it bypasses the general path of the gate.</summary>
    public ValueTask<RemoteResult<byte[]?>> GetAsync(string name, TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (link.Gate.Ready is not { } database || CacheTraces.IsListenedTo)
            return GetThroughGateAsync(name, deadline, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return link.Reads.ReadAsync(database, keys.Value(name), deadline, cancellationToken);
    }

    private async ValueTask<RemoteResult<byte[]?>> GetThroughGateAsync(string name, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var answer = await link.Gate.CallAsync(
            "get",
            keys.Value(name),
            static (database, key) => database.StringGetAsync(key),
            deadline,
            cancellationToken).ConfigureAwait(false);
        return answer.Succeeded ? new RemoteResult<byte[]?>((byte[]?)answer.Value) : new RemoteResult<byte[]?>(answer.Failure);
    }

    /// <summary>
    /// Overwrites a value. Returns the stamp, negative when memory was full and the old value was removed instead.
    /// </summary>
    public ValueTask<RemoteResult<long>> SetAsync(in RemoteWrite write, CancellationToken cancellationToken)
    {
        RedisValue[] arguments = [write.Head, write.Tail, write.TimeToLiveMs, _channel, link.Sender.Next(BusMessageKind.Key), write.Name];
        return EvaluateAsync("set", Scripts.Set, ValueKeys(write.Name), arguments, options.RemoteHardTimeout, cancellationToken);
    }

    /// <summary>Removes a value and leaves a tombstone. Returns the stamp.</summary>
    public ValueTask<RemoteResult<long>> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        RedisValue[] arguments = [(long)options.ReplayWindow.TotalMilliseconds, _channel, link.Sender.Next(BusMessageKind.Key), name];
        return EvaluateAsync("remove", Scripts.Remove, ValueKeys(name), arguments, options.RemoteHardTimeout, cancellationToken);
    }

    /// <summary>Requests the lease to run a value's factory.</summary>
    public ValueTask<RemoteResult<LeaseAnswer>> LeaseAsync(string name, long seenStamp, CancellationToken cancellationToken)
    {
        RedisValue[] arguments = [_token, (long)options.LeaseDuration.TotalMilliseconds, seenStamp];
        return link.Gate.CallAsync(
            "lease",
            (names: ValueKeys(name), arguments),
            static async (database, call) =>
            {
                var answer = (RedisValue[])(await database.ScriptEvaluateAsync(Scripts.Lease, call.names, call.arguments)
                    .ConfigureAwait(false))!;
                return new LeaseAnswer((LeaseOutcome)(int)answer[0], (long)answer[1]);
            },
            options.RemoteSoftTimeout,
            cancellationToken);
    }

    /// <summary>
    /// Writes a factory's result unless there is something newer, and releases the lease. Returns 1 when stored, 0 when not, -1 when memory
    /// was full.
    /// </summary>
    /// <param name="write">The value.</param>
    /// <param name="stamp">Start of the factory by the server's clock; null when it is not known.</param>
    /// <param name="madeAt">The same moment on this node's monotonic clock; used when there is no stamp.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    public async ValueTask<RemoteResult<long>> StoreAsync(RemoteWrite write, long? stamp, long madeAt, CancellationToken cancellationToken)
    {
        if (stamp is null)
        {
            // The server's time was read before its answer arrived, so the computed stamp is never later than the true one.
            var now = await NowAsync(write.Name, cancellationToken).ConfigureAwait(false);
            if (!now.Succeeded)
                return now;
            stamp = now.Value - (clock.Monotonic - madeAt);
        }

        var value = keys.Value(write.Name);
        RedisKey[] names = [value, keys.Lease(value), keys.Tombstone(value), keys.Marker(value)];
        RedisValue[] arguments =
            [write.Head, write.Tail, write.TimeToLiveMs, stamp.Value, _token, write.Epoch, _channel, link.Sender
                .Next(BusMessageKind.Key), write.Name];
        return await EvaluateAsync("store", Scripts.Store, names, arguments, options.RemoteHardTimeout, cancellationToken).ConfigureAwait(
            false);
    }

    public ValueTask<RemoteResult<long>> ReleaseAsync(string name, CancellationToken cancellationToken) => EvaluateAsync(
        "release",
        Scripts.Release,
        ValueKeys(name),
        [_token, _channel, link.Sender.Next(BusMessageKind.Key), name],
        options.RemoteSoftTimeout,
        cancellationToken);

    public ValueTask<RemoteResult<long>> RenewAsync(string name, CancellationToken cancellationToken) => EvaluateAsync(
        "renew",
        Scripts.Renew,
        ValueKeys(name),
        [_token, (long)options.LeaseDuration.TotalMilliseconds],
        options.RemoteHardTimeout,
        cancellationToken);

    /// <summary>Reads the time of the server that holds a key.</summary>
    public ValueTask<RemoteResult<long>> NowAsync(string name, CancellationToken cancellationToken) =>
        EvaluateAsync("time", Scripts.Now, [keys.Value(name)], [], options.RemoteHardTimeout, cancellationToken);

    /// <summary>Removes a tag. Returns the epoch of the removal, which invalidates all entries up to it.</summary>
    public ValueTask<RemoteResult<long>> RemoveTagAsync(string name, long knownEpoch, CancellationToken cancellationToken) => EvaluateAsync(
        "remove_tag",
        Scripts.RemoveTag,
        [keys.Clock, keys.Tag(name)],
        [knownEpoch, TagTimeToLive(name), _channel, link.Sender.Next(BusMessageKind.Tag), name],
        options.RemoteHardTimeout,
        cancellationToken);

    /// <summary>Reads the epochs at which tags were last removed; 0 for never. Works before callers may reach Redis.</summary>
    public ValueTask<RemoteResult<long[]>> GetTagsAsync(
        IReadOnlyList<string> names,
        TimeSpan deadline,
        CancellationToken cancellationToken) =>
        link.Gate.ProbeAsync(
            "get_tags",
            (keys, names),
            static async (database, call) =>
            {
                var reads = new Task<RedisValue>[call.names.Count];
                for (var i = 0; i < reads.Length; i++)
                    reads[i] = database.StringGetAsync(call.keys.Tag(call.names[i]));
                var values = await Task.WhenAll(reads).ConfigureAwait(false);
                return Array.ConvertAll(values, static value => long.TryParse(
                    (string?)value,
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var stamp) ? stamp : 0);
            },
            deadline,
            cancellationToken);

    /// <summary>Informs every node of a removal by pattern. Returns the epoch.</summary>
    public ValueTask<RemoteResult<long>> PublishPatternAsync(
        string scope,
        string glob,
        long knownEpoch,
        CancellationToken cancellationToken) => link.Gate.CallAsync(
        "remove_by_pattern",
        (keys, message: new RedisValue[] { knownEpoch, _channel, link.Sender.Next(BusMessageKind.Pattern), scope + "\0" + glob }),
        static async (database, call) =>
            (long)((RedisValue[])(await database.ScriptEvaluateAsync(Scripts.Publish, [call.keys.Clock], call.message)
                .ConfigureAwait(false))!)[0],
        options.RemoteHardTimeout,
        cancellationToken);

    private RedisKey[] ValueKeys(string name)
    {
        var value = keys.Value(name);
        return [value, keys.Lease(value), keys.Tombstone(value)];
    }

    // The generation of "*" is one key and stays; those of other tags expire when no older entry can exist.
    private long TagTimeToLive(string name) => name == "*" ? 0 : (long)options.TagRetention.TotalMilliseconds;

    private ValueTask<RemoteResult<long>> EvaluateAsync(
        string operation,
        string script,
        RedisKey[]? names,
        RedisValue[] arguments,
        TimeSpan deadline,
        CancellationToken cancellationToken) =>
        link.Gate.CallAsync(
            operation,
            (script, names, arguments),
            static async (database, call) => (long)await database.ScriptEvaluateAsync(call.script, call.names, call.arguments)
                .ConfigureAwait(false),
            deadline,
            cancellationToken);
}
