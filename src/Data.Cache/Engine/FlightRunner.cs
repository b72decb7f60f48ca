using Data.Cache.Local;
using Data.Cache.Redis;
using Data.Cache.Serialization;
using Data.Cache.Stampede;

namespace Data.Cache.Engine;

/// <summary>Carries out one flight: Redis, then the lease, then the factory, then both levels.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
internal sealed class FlightRunner<T>(CacheCore core, Flight<T> flight, CacheRequest<T> request)
{
    private const int MaxRereads = 3;
    private readonly EntrySpec _spec = core.Defaults.Resolve(request.Options);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TypedEntry<T>? _stale;
    private long _remoteStamp;
    private bool _remoteFailed;
    private bool _timer;

    /// <summary>Whether this run renews a value that is still fresh, so that another node's run is reason enough to stop.</summary>
    public bool IsRefresh { get; init; }

    private bool AsksRemote => core.Store is not null && _spec.ReadsRemote;

    // A Redis that just failed to answer a read would only cost the callers a second deadline.
    private bool SharesLease => !_remoteFailed && core.RemoteUsable && _spec.WritesRemote && !core.Replay!.Distrusts(request.Name);

    public async Task RunAsync()
    {
        var ticket = core.Fence.Enter(request.Name);
        try
        {
            FindStale();
            if (await TryReadAsync(ticket).ConfigureAwait(false))
                return;
            core.Counters.Misses.Increment();
            if (_spec.RunsFactory)
                await CreateAsync(ticket).ConfigureAwait(false);
            else
                flight.TryComplete(new Produced<T>(default, found: false));
        }
        catch (Exception exception)
        {
            // Also what the run itself got wrong reaches the callers: a flight without an end would hang them.
            flight.TryFail(exception);
        }
        finally
        {
            _done.TrySetResult();
            core.Fence.Leave(ticket);
            flight.Close();
            core.Flights.TryRemove(KeyValuePair.Create(request.Name, (Flight)flight));
        }
    }

    /// <summary>
    /// Asks for the lease until it is granted (a stamp), the value is there (null), or Redis cannot help (a stamp of our own).
    /// </summary>
    private async Task CreateAsync(PutFence.Ticket ticket)
    {
        var factory = new FactoryRun<T>(core, flight, request, _spec, _stale);
        var waited = core.Clock.Milliseconds + (long)_spec.HardTimeout.TotalMilliseconds;
        for (var rereads = 0; SharesLease && rereads < MaxRereads && core.Clock.Milliseconds < waited;)
        {
            using var waiter = core.Waiters.Listen(request.Name);
            var answer = await core.Store!.LeaseAsync(request.Name, _remoteStamp, flight.Token).ConfigureAwait(false);
            if (!answer.Succeeded)
            {
                core.Counters.RemoteFailures.Increment();
                break;
            }

            if (answer.Value.Outcome == LeaseOutcome.Granted)
            {
                core.Stamps.Heard(answer.Value.Number);
                await factory.RunAsync(ticket, new Stamped(answer.Value.Number, IsEstimated: false)).ConfigureAwait(false);
                return;
            }

            if (IsRefresh)
                return;
            if (answer.Value.Outcome == LeaseOutcome.Busy)
                await WaitAsync(waiter.Task, answer.Value.Number).ConfigureAwait(false);
            else
                rereads++;
            if (await TryReadAsync(ticket).ConfigureAwait(false))
                return;
        }

        await factory.RunAsync(ticket, new Stamped(core.Stamps.Next(), IsEstimated: true)).ConfigureAwait(false);
    }

    // The holder frees the lease with a message; if it died, the lease ends by itself.
    private async Task WaitAsync(Task woken, long leaseLeftMs)
    {
        try
        {
            await woken.WaitAsync(TimeSpan.FromMilliseconds(Math.Max(1, leaseLeftMs) + 1), core.Time, flight.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The lease has ended.
        }
    }

    private async Task<bool> TryReadAsync(PutFence.Ticket ticket)
    {
        if (!AsksRemote)
            return false;
        if (core.Replay!.Distrusts(request.Name))
        {
            if (core.IsStrict && core.IsAway)
                CacheCore.ThrowUnavailable("the read", cause: null);
            return false;
        }

        var read = await core.Reader.ReadAsync<T>(request.Name, _spec, core.Options.RemoteSoftTimeout, flight.Token).ConfigureAwait(false);
        if (read.Kind == RemoteReadKind.Failed && core.IsStrict)
            CacheCore.ThrowUnavailable("the read", read.Failure);
        _remoteStamp = read.SeenStamp;
        _remoteFailed = read.Kind == RemoteReadKind.Failed;
        if (read.Kind == RemoteReadKind.Hit && !(IsRefresh && read.SeenStamp == _stale?.Life.Stamp))
        {
            if (_spec.WritesLocal)
                core.Fence.TryPut(ticket, read.Entry!);
            core.Counters.RemoteHits.Increment();
            flight.TryComplete(read.Produced);
            return true;
        }

        if (read.Kind == RemoteReadKind.Stale)
            KeepStale(read.Entry!);
        return false;
    }

    private void FindStale()
    {
        if (!IsRefresh && (_spec.MaxStale <= TimeSpan.Zero || !_spec.ReadsLocal))
            return;
        if (core.Local.TryGet(request.Name, out var entry) && entry is TypedEntry<T> typed && core.IsValid(entry)
            && core.Clock.Milliseconds < entry.Life.StaleUntil)
        {
            KeepStale(typed);
        }
    }

    private void KeepStale(TypedEntry<T> entry)
    {
        if (_stale is null || _stale.Life.Stamp < entry.Life.Stamp)
            _stale = entry;
        if (_timer || IsRefresh)
            return;
        _timer = true;
        _ = ServeStaleAfterAsync(_spec.SoftTimeout);
    }

    private async Task ServeStaleAfterAsync(TimeSpan soft)
    {
        try
        {
            await _done.Task.WaitAsync(soft, core.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The run goes on without its callers and leaves its result for the next ones.
            if (flight.TryDetach() && flight.TryComplete(_stale!.Produced))
                core.Counters.StaleHits.Increment();
        }
    }
}
