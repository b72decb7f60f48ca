using System.Globalization;
using Data.Cache.Internal;
using Data.Cache.Serialization;
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
            return GetTracedAsync(name, deadline, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return link.Reads.ReadAsync(database, keys.Value(name), deadline, cancellationToken);
    }

    private async ValueTask<RemoteResult<byte[]?>> GetTracedAsync(string name, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var left = await link.Gate.AfterFirstAttemptAsync(deadline, cancellationToken).ConfigureAwait(false);
        if (left == TimeSpan.Zero || link.Gate.Ready is not { } database)
            return new RemoteResult<byte[]?>((Exception?)null);
        using var activity = CacheTraces.Remote("get");
        var answer = await link.Reads.ReadAsync(database, keys.Value(name), left, cancellationToken).ConfigureAwait(false);
        CacheTraces.Failed(activity, answer.Failure);
        return answer;
    }

    /// <summary>
    /// Overwrites a value. Returns the stamp, negative when memory was full and the old value was removed instead.
    /// </summary>
    public async ValueTask<RemoteResult<long>> SetAsync(RemoteWrite write, CancellationToken cancellationToken)
    {
        var answer = await PublishAsync(
            "set",
            BusMessageKind.Key,
            (Scripts.Set, ValueKeys(write.Name)),
            [write.Head, write.Tail, write.TimeToLiveMs, _channel, default, write.Name],
            options.RemoteHardTimeout,
            cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
            link.Unproven.AddKey(write.Name, Math.Abs(answer.Value));
        return answer;
    }

    /// <summary>Removes a value and leaves a tombstone. Returns the stamp.</summary>
    public async ValueTask<RemoteResult<long>> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await PublishAsync(
            "remove",
            BusMessageKind.Key,
            (Scripts.Remove, ValueKeys(name)),
            [TombstoneMs, _channel, default, name],
            options.RemoteHardTimeout,
            cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
            link.Unproven.AddKey(name, answer.Value);
        return answer;
    }

    /// <summary>Removes a value that is older than a change which Redis may have forgotten. Returns whether it was older.</summary>
    public ValueTask<RemoteResult<long>> SupersedeAsync(string name, long stamp, CancellationToken cancellationToken) => PublishAsync(
        "remove",
        BusMessageKind.Key,
        (Scripts.Supersede, ValueKeys(name)),
        [stamp, TombstoneMs, _channel, default, name],
        options.RemoteHardTimeout,
        cancellationToken);

    /// <summary>Reads the bytes of a value and, when there is none, requests the lease to run its factory, in one round trip.</summary>
    public ValueTask<RemoteResult<LeasedRead>> GetOrLeaseAsync(string name, TimeSpan deadline, CancellationToken cancellationToken) =>
        AskForLeaseAsync(
            name,
            (Scripts.GetOrLease, [_token, (long)options.LeaseDuration.TotalMilliseconds]),
            static answer => answer.Resp2Type == ResultType.Array
                ? new LeasedRead(null, Granted(Lease(answer)))
                : new LeasedRead((byte[]?)answer),
            static read => read.Stamp,
            deadline,
            cancellationToken);

    /// <summary>Requests the lease to run a value's factory.</summary>
    public ValueTask<RemoteResult<LeaseAnswer>> LeaseAsync(
        string name, long seenStamp, TimeSpan deadline, CancellationToken cancellationToken) =>
        AskForLeaseAsync(
            name,
            (Scripts.Lease, [_token, (long)options.LeaseDuration.TotalMilliseconds, seenStamp]),
            Lease,
            Granted,
            deadline,
            cancellationToken);

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
        var lease = stamp is { } granted ? Lease(granted) : string.Empty;
        if (stamp is null)
        {
            // The server's time was read before its answer arrived, so the computed stamp is never later than the true one.
            var now = await NowAsync(write.Name, cancellationToken).ConfigureAwait(false);
            if (!now.Succeeded)
                return now;
            stamp = now.Value - (clock.Monotonic - madeAt);
        }

        var value = keys.Value(write.Name);
        return await PublishAsync(
            "store",
            BusMessageKind.Key,
            (Scripts.Store, [value, keys.Lease(value), keys.Tombstone(value), keys.Marker(value)]),
            [write.Head, write.Tail, write.TimeToLiveMs, stamp.Value, lease, write.Epoch, TombstoneMs, _channel, default, write.Name],
            options.RemoteHardTimeout,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the stamp of a value; 0 for none, and for what the cache has not written.</summary>
    public ValueTask<RemoteResult<long>> StampAsync(string name, CancellationToken cancellationToken) => link.Gate.CallAsync(
        "stamp",
        keys.Value(name),
        static async (database, key) =>
            Envelope.StampOf((byte[]?)await database.StringGetRangeAsync(key, 0, Envelope.TailOffset - 1).ConfigureAwait(false)),
        options.RemoteSoftTimeout,
        cancellationToken);

    /// <summary>Sets how long Redis still keeps a value. Returns whether there is one.</summary>
    public ValueTask<RemoteResult<bool>> TouchAsync(string name, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        link.Gate.CallAsync(
            "touch",
            (key: keys.Value(name), timeToLive),
            static (database, call) => database.KeyExpireAsync(call.key, call.timeToLive),
            options.RemoteSoftTimeout,
            cancellationToken);

    /// <summary>Releases a lease. Does nothing to one that was granted later.</summary>
    public ValueTask<RemoteResult<long>> ReleaseAsync(string name, long stamp, CancellationToken cancellationToken) => PublishAsync(
        "release",
        BusMessageKind.Key,
        (Scripts.Release, ValueKeys(name)),
        [Lease(stamp), _channel, default, name],
        options.RemoteSoftTimeout,
        cancellationToken);

    public ValueTask<RemoteResult<long>> RenewAsync(string name, long stamp, CancellationToken cancellationToken) => EvaluateAsync(
        "renew",
        Scripts.Renew,
        ValueKeys(name),
        [Lease(stamp), (long)options.LeaseDuration.TotalMilliseconds],
        options.RemoteHardTimeout,
        cancellationToken);

    /// <summary>Reads the time of the server that holds a key.</summary>
    public ValueTask<RemoteResult<long>> NowAsync(string name, CancellationToken cancellationToken) =>
        EvaluateAsync("time", Scripts.Now, [keys.Value(name)], [], options.RemoteHardTimeout, cancellationToken);

    /// <summary>Removes a tag. Returns the epoch of the removal, which invalidates all entries up to it.</summary>
    public async ValueTask<RemoteResult<long>> RemoveTagAsync(string name, long knownEpoch, CancellationToken cancellationToken)
    {
        var answer = await PublishAsync(
            "remove_tag",
            BusMessageKind.Tag,
            (Scripts.RemoveTag, [keys.Clock, keys.Tag(name)]),
            [knownEpoch, TagTimeToLive(name), _channel, default, name],
            options.RemoteHardTimeout,
            cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
            link.Unproven.AddTag(name);
        return answer;
    }

    /// <summary>
    /// Reads the epochs at which tags were last removed. For a tag without a generation it is the epoch up to which Redis may have
    /// forgotten one.
    /// </summary>
    public ValueTask<RemoteResult<long[]>> GetTagsAsync(string[] names, TimeSpan deadline, CancellationToken cancellationToken) =>
        link.Gate.CallAsync(
            "get_tags",
            (names: (RedisKey[])[keys.Clock, keys.Incarnation, .. names.Select(name => (RedisKey)keys.Tag(name))], clock.HighestEpoch),
            static async (database, call) =>
                (long[])(await MemoryScripts.Tags.EvaluateAsync(database, call.names, [call.HighestEpoch]).ConfigureAwait(false))!,
            deadline,
            cancellationToken);

    /// <summary>Informs every node of a removal by pattern. Returns the epoch.</summary>
    public ValueTask<RemoteResult<long>> PublishPatternAsync(
        string scope,
        string glob,
        long knownEpoch,
        CancellationToken cancellationToken) => PublishAsync(
        "remove_by_pattern",
        BusMessageKind.Pattern,
        (Scripts.Publish, [keys.Clock]),
        [knownEpoch, _channel, default, scope + "\0" + glob],
        options.RemoteHardTimeout,
        cancellationToken);

    private long TombstoneMs => (long)options.ReplayWindow.TotalMilliseconds;

    private string Lease(long stamp) => _token + stamp.ToString(CultureInfo.InvariantCulture);

    private static LeaseAnswer Lease(RedisResult result)
    {
        var answer = (RedisValue[])result!;
        return new LeaseAnswer((LeaseOutcome)(int)answer[0], (long)answer[1]);
    }

    private static long Granted(LeaseAnswer answer) => answer.Outcome == LeaseOutcome.Granted ? answer.Number : 0;

    // A lease that is granted to nobody would keep every node from the factory until it ends.
    private async ValueTask<RemoteResult<T>> AskForLeaseAsync<T>(
        string name,
        (Script Code, RedisValue[] Arguments) script,
        Func<RedisResult, T> read,
        Func<T, long> stampOf,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        var request = new LeaseRequest();
        var isAnswered = false;
        try
        {
            var answer = await link.Gate.CallAsync("lease", this, AskAsync, deadline, cancellationToken).ConfigureAwait(false);
            isAnswered = answer.Succeeded;
            return answer;
        }
        finally
        {
            if (!isAnswered)
                GiveBack(request.Abandon());
        }

        async Task<T> AskAsync(IDatabase database, RedisStore store)
        {
            var answer = read(await script.Code.EvaluateAsync(database, ValueKeys(name), script.Arguments).ConfigureAwait(false));
            if (!request.TryAnswer(stampOf(answer)))
                GiveBack(stampOf(answer));
            return answer;
        }

        void GiveBack(long stamp)
        {
            if (stamp > 0)
                _ = ReleaseAsync(name, stamp, CancellationToken.None).AsTask();
        }
    }

    private RedisKey[] ValueKeys(string name)
    {
        var value = keys.Value(name);
        return [value, keys.Lease(value), keys.Tombstone(value)];
    }

    // The generation of "*" is one key and stays; those of other tags expire when no older entry can exist.
    private long TagTimeToLive(string name) => name == "*" ? 0 : (long)options.TagRetention.TotalMilliseconds;

    private ValueTask<RemoteResult<long>> PublishAsync(
        string operation,
        BusMessageKind kind,
        (Script Code, RedisKey[] Keys) script,
        RedisValue[] arguments,
        TimeSpan deadline,
        CancellationToken cancellationToken) =>
        link.Gate.CallAsync(
            operation,
            (link.Sender, kind, script, arguments),
            static async (database, call) => (long)await call.Sender.SendAsync(database, call.kind, call.script, call.arguments)
                .ConfigureAwait(false),
            deadline,
            cancellationToken);

    private ValueTask<RemoteResult<long>> EvaluateAsync(
        string operation,
        Script script,
        RedisKey[] names,
        RedisValue[] arguments,
        TimeSpan deadline,
        CancellationToken cancellationToken) =>
        link.Gate.CallAsync(
            operation,
            (script, names, arguments),
            static async (database, call) => (long)await call.script.EvaluateAsync(database, call.names, call.arguments)
                .ConfigureAwait(false),
            deadline,
            cancellationToken);
}
