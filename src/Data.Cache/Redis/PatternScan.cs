using System.Net;
using System.Text;
using Data.Cache.Invalidation;
using StackExchange.Redis;

namespace Data.Cache.Redis;

/// <summary>Walks the key space of every primary and unlinks what matches.</summary>
/// <remarks>
/// Each primary gets a small connection of its own: the client has no asynchronous SCAN of one node, and the large replies would
/// otherwise queue before the answers that callers wait for. UNLINK frees memory in the background; keys of different slots go in
/// different commands, because a cluster refuses them together.
/// </remarks>
internal sealed class PatternScan(DataCacheOptions options, RedisKeys keys)
{
    public async Task<long> RunAsync(
        ConnectionMultiplexer multiplexer,
        string scope,
        KeyPattern pattern,
        long? epoch,
        PatternRemovalOptions removal,
        CancellationToken cancellationToken)
    {
        var tally = new Tally(removal);
        if (epoch is { } until)
            await MarkAsync(multiplexer.GetDatabase(), until, cancellationToken).ConfigureAwait(false);
        var endPoints = multiplexer.GetEndPoints(configuredOnly: false);
        await Task.WhenAll(endPoints.Select(endPoint => NodeAsync(endPoint, scope, pattern, tally, cancellationToken)))
            .ConfigureAwait(false);
        return removal.DryRun ? tally.Matched : tally.Removed;
    }

    // A factory that ran when the removal was made must not store its result behind the scan's back: what is older than the marker is
    // refused.
    private async Task MarkAsync(IDatabase database, long epoch, CancellationToken cancellationToken)
    {
        foreach (var chunk in keys.Markers().Chunk(2048))
        {
            await WithinAsync(
                Task.WhenAll(chunk.Select(marker => database.StringSetAsync(marker, epoch, options.ReplayWindow))),
                cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task NodeAsync(EndPoint endPoint, string scope, KeyPattern pattern, Tally tally, CancellationToken cancellationToken)
    {
        var configuration = Multiplexers.Configure(options);
        configuration.EndPoints.Clear();
        configuration.EndPoints.Add(endPoint);
        // Without INFO and CLUSTER the client does not learn that there are other nodes, and stays with this one; it needs no subscription.
        configuration.CommandMap = CommandMap.Create(["INFO", "CLUSTER", "SUBSCRIBE", "PSUBSCRIBE"], available: false);
        configuration.TieBreaker = string.Empty;
        configuration.ConfigurationChannel = string.Empty;
        var connecting = ConnectionMultiplexer.ConnectAsync(configuration, null);
        var connection = await connecting.WaitAsync(options.ConnectTimeout + options.RemoteHardTimeout, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            await ScanAsync(connection.GetDatabase(), scope, pattern, tally, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Multiplexers.Discard(connection);
        }
    }

    private async Task ScanAsync(IDatabase database, string scope, KeyPattern pattern, Tally tally, CancellationToken cancellationToken)
    {
        var role = (RedisResult[])(await WithinAsync(database.ExecuteAsync("ROLE"), cancellationToken).ConfigureAwait(false))!;
        if ((string?)role[0] != "master")
            return;
        var prefix = keys.ValuePrefix(scope);
        RedisValue glob = GlobWriter.WriteForRedis((KeyPattern.Literal(prefix) + pattern).Tokens);
        RedisValue cursor = "0";
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = (RedisResult[])(await WithinAsync(
                database.ExecuteAsync("SCAN", cursor, "MATCH", glob, "COUNT", tally.Options.BatchSize),
                cancellationToken).ConfigureAwait(false))!;
            cursor = (RedisValue)page[0];
            var matches = Matches(page[1], prefix.Length, pattern);

            // One command at a time: two of them on their way make every other client of this server wait for both.
            if (!tally.Options.DryRun && matches.Length > 0)
                tally.Unlinked(await UnlinkAsync(database, matches, cancellationToken).ConfigureAwait(false));
            tally.Found(matches.Length);
        }
        while (cursor != "0");
    }

    // Keys go back as the bytes they came as: where Redis matches as the pattern does, there is nothing to read in them.
    private static byte[][] Matches(RedisResult found, int prefix, KeyPattern pattern)
    {
        var names = (byte[][])found!;
        return pattern.IsExactInRedis ? names : Array.FindAll(names, name => pattern.IsMatch(Encoding.UTF8.GetString(name).AsSpan(prefix)));
    }

    private async Task<long> UnlinkAsync(IDatabase database, byte[][] matches, CancellationToken cancellationToken)
    {
        var groups = keys.IsCluster ? matches.GroupBy(static name => HashSlots.Of(name)).Select(static slot => slot.ToArray()) : [matches];
        var commands = groups.Select(
            group => database.ExecuteAsync("UNLINK", Array.ConvertAll<byte[], object>(group, static name => (RedisKey)name)));
        var removed = 0L;
        foreach (var answer in await WithinAsync(Task.WhenAll(commands), cancellationToken).ConfigureAwait(false))
            removed += (long)answer;
        return removed;
    }

    private Task WithinAsync(Task call, CancellationToken cancellationToken) =>
        call.WaitAsync(options.RemoteHardTimeout, cancellationToken);

    private Task<T> WithinAsync<T>(Task<T> call, CancellationToken cancellationToken) =>
        call.WaitAsync(options.RemoteHardTimeout, cancellationToken);

    private sealed class Tally(PatternRemovalOptions options)
    {
        private long _matched;
        private long _removed;

        public PatternRemovalOptions Options => options;

        public long Matched => Interlocked.Read(ref _matched);

        public long Removed => Interlocked.Read(ref _removed);

        public void Found(int count)
        {
            Interlocked.Add(ref _matched, count);
            Report();
        }

        public void Unlinked(long count) => Interlocked.Add(ref _removed, count);

        private void Report() => options.Progress?.Report(new PatternRemovalProgress(Matched, Removed));
    }
}
