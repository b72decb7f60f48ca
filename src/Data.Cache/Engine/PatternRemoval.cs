using Data.Cache.Fallback;
using Data.Cache.Internal;
using Data.Cache.Local;
using Data.Cache.Observation;

namespace Data.Cache.Engine;

/// <summary>Removal by pattern in both levels.</summary>
internal sealed class PatternRemoval(
    LocalStore store,
    LocalInvalidation invalidation,
    RemoteLevel? remote,
    RemotePatternRemoval? remotePatterns,
    bool isDistributed,
    StampClock stamps,
    CacheCounters counters)
{
    public async ValueTask<PatternRemovalResult> RunAsync(
        CacheScope scope,
        KeyPattern pattern,
        PatternRemovalOptions options,
        CancellationToken cancellationToken)
    {
        if (isDistributed)
        {
            throw new NotSupportedException(
                "The second level is an IDistributedCache, which cannot list its keys. Remove by tag, or empty a namespace with "
                + "RemoveByTagAsync(\"*\").");
        }

        if (!options.DryRun)
        {
            counters.Invalidations.Increment();
            counters.Events?.Raise(CacheEventKind.PatternRemoved, scope.Text, pattern.ToString());
        }

        if (remote is null)
            return new PatternRemovalResult(RemoveLocally(scope, pattern, options), IsQueued: false);
        var answer = await remotePatterns!.RemoveAsync(scope.Text, scope.Prefix, pattern, options, cancellationToken)
            .ConfigureAwait(false);
        if (answer.Succeeded)
            return new PatternRemovalResult(answer.Value, IsQueued: false);
        counters.RemoteFailures.Increment();
        var count = RemoveLocally(scope, pattern, options);
        if (!options.DryRun)
        {
            var pending = new PendingPattern(
                name => LocalInvalidation.Covers(name, scope.Prefix, pattern),
                scope.Text,
                scope.Prefix,
                pattern,
                options.BatchSize);
            remote.Replayer.Queue.AddPattern(pending);
        }

        if (remote.IsStrict)
            RemoteLevel.ThrowUnavailable("the removal by pattern", answer.Failure);
        remote.Replayer.Start();
        return new PatternRemovalResult(count, IsQueued: !options.DryRun);
    }

    private long RemoveLocally(CacheScope scope, KeyPattern pattern, PatternRemovalOptions options)
    {
        var count = options.DryRun
            ? store.CountWhere(entry => LocalInvalidation.Covers(entry.Key, scope.Prefix, pattern))
            : invalidation.RemoveMatching(scope.Prefix, pattern, stamps.NextEpoch());
        options.Progress?.Report(new PatternRemovalProgress(count, options.DryRun ? 0 : count));
        return count;
    }
}
