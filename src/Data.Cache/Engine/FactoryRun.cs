using Data.Cache.Local;
using Data.Cache.Serialization;
using Data.Cache.Stampede;
using Data.Cache.Telemetry;

namespace Data.Cache.Engine;

/// <summary>One run of a factory: its time-outs, its lease, its result in both levels.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
internal sealed class FactoryRun<T>(CacheCore core, Flight<T> flight, CacheRequest<T> request, EntrySpec spec, TypedEntry<T>? stale)
{
    private static readonly Task<bool> Stored = Task.FromResult(true);
    private Stamped _stamp;
    private long _epoch;
    private long _madeAt;

    /// <summary>Runs the factory.</summary>
    /// <param name="ticket">Taken before anything was read.</param>
    /// <param name="stamp">The lease's stamp, or an estimate where there is no lease.</param>
    public async Task RunAsync(PutFence.Ticket ticket, Stamped stamp)
    {
        _stamp = stamp;
        _epoch = core.Stamps.Epoch;
        _madeAt = core.Stamps.Monotonic;
        var leased = !stamp.IsEstimated;
        var context = new CacheFactoryContext(request.Key, request.Options, request.Tags) { HasStaleValue = stale is not null };
        var started = core.Time.GetTimestamp();
        T value;
        try
        {
            core.Counters.FactoryRuns.Increment();
            value = await InvokeAsync(context, leased).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            CacheMeter.FactoryRan(core.Name, core.Time.GetElapsedTime(started), failed: true);
            if (leased)
                await core.Store!.ReleaseAsync(request.Name, CancellationToken.None).ConfigureAwait(false);
            Failed(ticket, exception);
            return;
        }

        CacheMeter.FactoryRan(core.Name, core.Time.GetElapsedTime(started), failed: false);
        await KeepAsync(ticket, context, value, core.Time.GetElapsedTime(started)).ConfigureAwait(false);
    }

    private async Task<T> InvokeAsync(CacheFactoryContext context, bool leased)
    {
        using var limit = new CancellationTokenSource(spec.HardTimeout, core.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, flight.Token);
        using var activity = CacheTraces.Factory();
        using var renewing = leased ? new LeaseRenewal(core, request.Name) : null;
        try
        {
            // The factory may not heed its token; the callers are let go all the same.
            return await request.Factory(context, both.Token).AsTask().WaitAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested && !flight.Token.IsCancellationRequested)
        {
            CacheTraces.Failed(activity, exception);
            throw new TimeoutException($"The factory did not end within its hard time-out of {spec.HardTimeout}.", exception);
        }
        catch (Exception exception)
        {
            CacheTraces.Failed(activity, exception);
            throw;
        }
    }

    private void Failed(PutFence.Ticket ticket, Exception exception)
    {
        if (flight.Token.IsCancellationRequested)
        {
            flight.TryFail(exception);
            return;
        }

        core.Counters.FactoryFailures.Increment();
        var serves = stale is not null && spec.MaxStale > TimeSpan.Zero && core.IsValid(stale)
            && core.Clock.Milliseconds < stale.Life.StaleUntil;
        core.Log.FactoryFailed(exception, serves);
        if (!serves)
        {
            flight.TryFail(exception);
            return;
        }

        // The next callers are spared the same failure for a moment.
        var now = core.Clock.Milliseconds;
        var until = Math.Min(stale!.Life.StaleUntil, now + (long)core.Options.StaleRetryDelay.TotalMilliseconds);
        core.Fence.TryPut(ticket, stale.With(stale.Life with { FreshUntil = until, EagerAt = until }));
        if (flight.TryComplete(stale.Produced))
            core.Counters.StaleHits.Increment();
    }

    private async Task KeepAsync(PutFence.Ticket ticket, CacheFactoryContext context, T value, TimeSpan elapsed)
    {
        var final = ReferenceEquals(context.Options, request.Options) ? spec : core.Defaults.Resolve(context.Options);
        var remote = core.Store is not null && final.WritesRemote;
        var tags = context.SkipCaching ? null : request.Scope.FullTags([.. context.Tags]);
        var packed = tags is null ? null : core.Entries.Pack(value, remote);
        var lifetime = packed is null ? TimeSpan.Zero : core.Entries.Lifetime(final, packed.Value.IsNull, tags!);
        if (lifetime <= TimeSpan.Zero)
        {
            core.Counters.Bypasses.Increment();
            if (!_stamp.IsEstimated)
                await core.Store!.ReleaseAsync(request.Name, CancellationToken.None).ConfigureAwait(false);
            flight.TryComplete(packed?.Produce() ?? new Produced<T>(value));
            return;
        }

        // The stamp is the start of the run, because a removal after that makes the result void; the lifetime counts from its end.
        var storing = remote ? StoreAsync(packed!.Value, lifetime + elapsed, final, tags!) : Stored;
        if (!storing.IsCompleted)
            _ = LetGoAsync(storing, packed!.Value);
        var accepted = await storing.ConfigureAwait(false);
        if (accepted && final.WritesLocal)
        {
            core.Fence
                .TryPut(ticket, EntryFactory.Make(request.Name, packed!.Value, core.Entries.Life(_stamp, _epoch, lifetime, final), tags!));
        }

        flight.TryComplete(packed!.Value.Produce());
    }

    // The callers have their value; a Redis that is slow to take it must not cost them more than a read would.
    private async Task LetGoAsync(Task storing, Packed<T> packed)
    {
        await storing.WaitAsync(core.Options.RemoteSoftTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!storing.IsCompleted && !core.IsStrict)
            flight.TryComplete(packed.Produce());
    }

    /// <summary>Writes to Redis. Returns false when the value was removed or overtaken while it was made.</summary>
    private async Task<bool> StoreAsync(Packed<T> packed, TimeSpan lifetime, EntrySpec final, string[] tags)
    {
        var write = core.Entries.Wrap(request.Name, packed, _stamp.Stamp, _epoch, lifetime, final, tags);
        if (!core.Replay!.Distrusts(request.Name))
        {
            var answer = await core.Store!.StoreAsync(write, _stamp.IsEstimated ? null : _stamp.Stamp, _madeAt, CancellationToken.None)
                .ConfigureAwait(false);
            if (answer.Succeeded)
                return answer.Value != 0;
            core.Counters.RemoteFailures.Increment();
        }

        core.Writer.Defer(write, _madeAt);
        return true;
    }
}
