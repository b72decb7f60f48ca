using Data.Cache.Internal;
using Data.Cache.Redis;

namespace Data.Cache.Engine;

/// <summary>Removal by pattern in Redis, and through its messages in every node.</summary>
internal sealed class RemotePatternRemoval(RedisLink link, RedisStore store, StampClock stamps, LocalInvalidation invalidation)
{
    /// <summary>Removes what matches. Returns the number of keys in Redis.</summary>
    /// <param name="scope">Text of the scope, as it appears in keys of Redis.</param>
    /// <param name="prefix">Prefix of the scope's names.</param>
    /// <param name="pattern">What to remove, relative to the scope.</param>
    /// <param name="options">Dry run, batch size and progress.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    public async ValueTask<RemoteResult<long>> RemoveAsync(
        string scope,
        string prefix,
        KeyPattern pattern,
        PatternRemovalOptions options,
        CancellationToken cancellationToken)
    {
        if (options.DryRun)
            return await link.RemoveMatchingAsync(scope, pattern, epoch: null, options, cancellationToken).ConfigureAwait(false);
        var epoch = await PublishAsync(prefix, pattern, cancellationToken).ConfigureAwait(false);
        if (!epoch.Succeeded)
            return epoch;
        var removed = await link.RemoveMatchingAsync(scope, pattern, epoch.Value, options, cancellationToken).ConfigureAwait(false);

        // Once more: a node may have read a value after it received the pattern and before the key was unlinked.
        var again = removed.Succeeded ? await PublishAsync(prefix, pattern, cancellationToken).ConfigureAwait(false) : removed;
        if (!again.Succeeded)
            return again;
        link.Unproven.AddPattern(scope, prefix, pattern, options.BatchSize);
        return removed;
    }

    private async ValueTask<RemoteResult<long>> PublishAsync(string prefix, KeyPattern pattern, CancellationToken cancellationToken)
    {
        var epoch = await store.PublishPatternAsync(prefix, pattern.ToString(), stamps.HighestEpoch, cancellationToken)
            .ConfigureAwait(false);
        if (epoch.Succeeded)
        {
            invalidation.RemoveMatching(prefix, pattern, epoch.Value);
            stamps.ObserveEpoch(epoch.Value);
        }

        return epoch;
    }
}
