using Data.Cache.Internal;
using Data.Cache.Invalidation;
using Data.Cache.Observation;

namespace Data.Cache.Engine;

/// <summary>Removal by tag: one generation stamp, compared with the epoch of every entry that has the tag.</summary>
internal sealed class TagRemoval(TagStamps tags, RemoteLevel? remote, StampClock stamps, CacheCounters counters)
{
    public async ValueTask RemoveAsync(string tag, CacheScope scope, CancellationToken cancellationToken)
    {
        if (tag != "*" && !KeyRules.IsValidTag(tag))
            return;
        counters.Invalidations.Increment();
        var name = scope.FullName(tag);
        counters.Events?.Raise(CacheEventKind.TagRemoved, name);
        if (remote is null)
        {
            tags.Removed(name, stamps.NextEpoch());
            return;
        }

        var answer = await remote.Store.RemoveTagAsync(name, stamps.HighestEpoch, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            tags.Removed(name, answer.Value);
            stamps.ObserveEpoch(answer.Value);
            return;
        }

        counters.RemoteFailures.Increment();
        var epoch = stamps.NextEpoch();
        tags.Removed(name, epoch);
        remote.Replayer.Queue.AddTag(name, epoch);
        if (remote.IsStrict)
            RemoteLevel.ThrowUnavailable("the removal of a tag", answer.Failure);
        remote.Replayer.Start();
    }
}
