using Data.Cache.Local;
using Data.Cache.Observation;
using Data.Cache.Serialization;

namespace Data.Cache.Engine;

/// <summary>Stores the results of factories in both levels and hands them to the callers.</summary>
internal sealed class ResultWriter(
    EntryDefaults defaults,
    EntryCodec codec,
    EntryLifetimes lifetimes,
    FillTokens fills,
    RemoteLevel? remote,
    DistributedLevel? distributed,
    TimeSpan hardTimeout,
    CacheCounters counters,
    TimeProvider time)
{
    private static readonly Task<bool> Stored = Task.FromResult(true);

    /// <summary>Stores a result and completes its flight.</summary>
    /// <param name="run">The flight.</param>
    /// <param name="start">When the factory was started.</param>
    /// <param name="context">What the factory decided about its entry.</param>
    /// <param name="value">The result.</param>
    /// <param name="elapsed">How long the factory ran.</param>
    public async Task WriteAsync<T>(FlightRun<T> run, FactoryStart start, CacheFactoryContext context, T value, TimeSpan elapsed)
    {
        var request = run.Request;
        var spec = ReferenceEquals(context.Options, request.Options) ? run.Spec : defaults.Resolve(context.Options);
        var writesRemote = (remote is not null || distributed is not null) && spec.WritesRemote;
        var tags = context.SkipCaching ? null : request.Scope.FullTags([.. context.Tags]);
        var packed = tags is null ? null : codec.Pack(value, writesRemote);
        var lifetime = packed is null ? TimeSpan.Zero : lifetimes.Of(spec, packed.Value.IsNull, tags!);
        if (lifetime <= TimeSpan.Zero)
        {
            counters.Bypasses.Increment();
            await EndUnstoredAsync(run, start, packed?.Produce() ?? new Produced<T>(value)).ConfigureAwait(false);
            return;
        }

        // The stamp is the start of the run, because a later removal makes the result void; the lifetime counts from the end of the run.
        var life = lifetimes.Fresh(start.Stamp, start.Epoch, lifetime, spec);
        if (run.Token.IsRemoved(life))
        {
            // Redis would refuse the result too, unless it had evicted the tombstone; a distributed cache would take it.
            await EndUnstoredAsync(run, start, packed!.Value.Produce()).ConfigureAwait(false);
            return;
        }

        var storing = !writesRemote
            ? Stored
            : remote is not null
                ? StoreAsync(run.Name, start, packed!.Value, lifetime + elapsed, spec, tags!)
                : StoreDistributedAsync(run, life, packed!.Value, lifetime + elapsed, spec, tags!);
        var entry = EntryCodec.ToEntry(run.Name, packed!.Value, life, tags!);
        if (!storing.IsCompleted)
            _ = CompleteEarlyAsync(run, storing, packed.Value.Produce(), entry);
        var accepted = await storing.ConfigureAwait(false);
        if (accepted && spec.WritesLocal)
            fills.TryPut(run.Token, entry);

        if (accepted)
            counters.Events?.Raise(CacheEventKind.Set, run.Name);

        run.Flight.TryComplete(packed.Value.Produce(), entry);
    }

    // The value exists, and the callers need not wait until the second level has it: whoever asks meanwhile joins this flight. In strict
    // mode they wait as long as for a write of their own.
    private async Task CompleteEarlyAsync<T>(FlightRun<T> run, Task storing, Produced<T> produced, LocalEntry entry)
    {
        if (remote?.IsStrict ?? distributed!.IsStrict)
            await storing.WaitAsync(hardTimeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!storing.IsCompleted)
            run.Flight.TryComplete(produced, entry);
    }

    private async Task EndUnstoredAsync<T>(FlightRun<T> run, FactoryStart start, Produced<T> produced)
    {
        // The callers do not wait for the release; whoever comes during it gets a run of its own.
        run.Flight.Close();
        run.Flight.TryComplete(produced, entry: null);
        if (start.IsLeased)
            await remote!.Leases.ReleaseAsync(run.Name, start.Stamp.Value).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes to a distributed cache, which cannot refuse what is out of date: a value that was removed meanwhile is removed again. Returns
    /// false when it was.
    /// </summary>
    private async Task<bool> StoreDistributedAsync<T>(
        FlightRun<T> run,
        EntryLife life,
        Packed<T> packed,
        TimeSpan lifetime,
        EntrySpec spec,
        string[] tags)
    {
        var write = codec.ToWrite(run.Name, packed, life.Stamp, life.Epoch, lifetime, spec, tags);
        await distributed!.SetAsync(write, lifetime + spec.MaxStale, spec.Sliding, CancellationToken.None).ConfigureAwait(false);
        if (!fills.Refuses(run.Token, life))
            return true;
        await distributed.RemoveAsync(run.Name, CancellationToken.None).ConfigureAwait(false);
        return false;
    }

    /// <summary>Writes to Redis. Returns false when the value was removed or superseded while it was made.</summary>
    private async Task<bool> StoreAsync<T>(
        string name,
        FactoryStart start,
        Packed<T> packed,
        TimeSpan lifetime,
        EntrySpec spec,
        string[] tags)
    {
        var write = codec.ToWrite(name, packed, start.Stamp.Value, start.Epoch, lifetime, spec, tags);
        if (!remote!.Replayer.Queue.HasPending(name))
        {
            long? stamp = start.IsLeased ? start.Stamp.Value : null;
            var answer = await remote.Store.StoreAsync(write, stamp, start.Monotonic, CancellationToken.None).ConfigureAwait(false);
            if (answer.Succeeded)
                return answer.Value != 0;
            counters.RemoteFailures.Increment();
        }

        remote.Replayer.Defer(write, start.Monotonic);
        return true;
    }
}
