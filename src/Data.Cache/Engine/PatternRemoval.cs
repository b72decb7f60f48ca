using Data.Cache.Redis;

namespace Data.Cache.Engine;

/// <summary>Removal by pattern in both levels.</summary>
internal static class PatternRemoval
{
    public static async ValueTask<long> RunAsync(
        CacheCore core,
        CacheScope scope,
        KeyPattern pattern,
        PatternRemovalOptions options,
        CancellationToken cancellationToken)
    {
        if (core.Store is null)
            return Local(core, scope, pattern, options);
        if (!options.DryRun)
        {
            core.Counters.Invalidations.Increment();
            await TellAsync(core, scope, pattern, cancellationToken).ConfigureAwait(false);
        }

        var removed = await core.Link!.RemoveMatchingAsync(scope.Text, pattern, options, cancellationToken).ConfigureAwait(false);
        if (!options.DryRun)
        {
            // Once more: a node may have read a value after it heard of the pattern and before its key was unlinked.
            await TellAsync(core, scope, pattern, cancellationToken).ConfigureAwait(false);
        }

        return removed;
    }

    private static async ValueTask TellAsync(CacheCore core, CacheScope scope, KeyPattern pattern, CancellationToken cancellationToken)
    {
        var told = await core.Store!.PublishPatternAsync(scope.Prefix, pattern.ToString(), core.Stamps.Floor, cancellationToken).ConfigureAwait(false);
        LocalPatterns.Remove(core, scope.Prefix, pattern, told.Succeeded ? told.Value : core.Stamps.Next());
        if (!told.Succeeded)
            throw new CacheUnavailableException("Redis is away: keys can be removed by pattern only where it is reached. The local level was cleaned.", told.Failure);
    }

    private static long Local(CacheCore core, CacheScope scope, KeyPattern pattern, PatternRemovalOptions options)
    {
        var count = options.DryRun
            ? core.Local.CountWhere(entry => LocalPatterns.Covers(entry.Key, scope.Prefix, pattern))
            : LocalPatterns.Remove(core, scope.Prefix, pattern, core.Stamps.Next());
        if (!options.DryRun)
            core.Counters.Invalidations.Increment();
        options.Progress?.Report(new PatternRemovalProgress(count, options.DryRun ? 0 : count));
        return count;
    }
}
