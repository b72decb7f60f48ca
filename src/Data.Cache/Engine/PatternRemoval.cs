using Data.Cache.Fallback;
using Data.Cache.Redis;

namespace Data.Cache.Engine;

/// <summary>Removal by pattern in both levels.</summary>
internal static class PatternRemoval
{
    public static async ValueTask<PatternRemovalResult> RunAsync(
        CacheCore core,
        CacheScope scope,
        KeyPattern pattern,
        PatternRemovalOptions options,
        CancellationToken cancellationToken)
    {
        if (!options.DryRun)
            core.Counters.Invalidations.Increment();
        if (core.Store is null)
            return new PatternRemovalResult(Local(core, scope, pattern, options), IsQueued: false);
        var answer = await RemoteAsync(core, scope, pattern, options, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
            return new PatternRemovalResult(answer.Value, IsQueued: false);
        core.Counters.RemoteFailures.Increment();
        var count = Local(core, scope, pattern, options);
        if (!options.DryRun)
        {
            core.Replay!.AddPattern(
                new PendingPattern(name => LocalPatterns.Covers(name, scope.Prefix, pattern), scope, pattern, options.BatchSize));
        }

        if (core.IsStrict)
            CacheCore.ThrowUnavailable("removing by pattern", answer.Failure);
        core.Writer.ReplaySoon();
        return new PatternRemovalResult(count, IsQueued: !options.DryRun);
    }

    /// <summary>Carries out a queued removal. Returns whether Redis has done it.</summary>
    public static async Task<bool> ReplayAsync(CacheCore core, PendingPattern pending)
    {
        var options = new PatternRemovalOptions { BatchSize = pending.BatchSize };
        var answer = await RemoteAsync(core, (CacheScope)pending.Scope, pending.Pattern, options, CancellationToken.None).ConfigureAwait(
            false);
        return answer.Succeeded;
    }

    private static async ValueTask<RemoteResult<long>> RemoteAsync(
        CacheCore core,
        CacheScope scope,
        KeyPattern pattern,
        PatternRemovalOptions options,
        CancellationToken cancellationToken)
    {
        if (options.DryRun)
            return await core.Link!.RemoveMatchingAsync(scope.Text, pattern, epoch: null, options, cancellationToken).ConfigureAwait(false);
        var epoch = await TellAsync(core, scope, pattern, cancellationToken).ConfigureAwait(false);
        if (!epoch.Succeeded)
            return epoch;
        var removed = await core.Link!.RemoveMatchingAsync(scope.Text, pattern, epoch.Value, options, cancellationToken)
            .ConfigureAwait(false);

        // Once more: a node may have read a value after it heard of the pattern and before its key was unlinked.
        var again = removed.Succeeded ? await TellAsync(core, scope, pattern, cancellationToken).ConfigureAwait(false) : removed;
        return again.Succeeded ? removed : again;
    }

    private static async ValueTask<RemoteResult<long>> TellAsync(
        CacheCore core,
        CacheScope scope,
        KeyPattern pattern,
        CancellationToken cancellationToken)
    {
        var told = await core.Store!.PublishPatternAsync(scope.Prefix, pattern.ToString(), core.Stamps.HeardEpoch, cancellationToken)
            .ConfigureAwait(false);
        if (told.Succeeded)
        {
            LocalPatterns.Remove(core, scope.Prefix, pattern, told.Value);
            core.Stamps.HearEpoch(told.Value);
        }

        return told;
    }

    private static long Local(CacheCore core, CacheScope scope, KeyPattern pattern, PatternRemovalOptions options)
    {
        var count = options.DryRun
            ? core.Local.CountWhere(entry => LocalPatterns.Covers(entry.Key, scope.Prefix, pattern))
            : LocalPatterns.Remove(core, scope.Prefix, pattern, core.Stamps.NextEpoch());
        options.Progress?.Report(new PatternRemovalProgress(count, options.DryRun ? 0 : count));
        return count;
    }
}
