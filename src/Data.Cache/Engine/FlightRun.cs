using Data.Cache.Local;
using Data.Cache.Stampede;

namespace Data.Cache.Engine;

/// <summary>The state of one flight while it runs.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
internal sealed class FlightRun<T>(
    Flight<T> flight,
    CacheRequest<T> request,
    EntrySpec spec,
    FillToken token,
    RemoteBudget budget,
    bool isRefresh)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Flight<T> Flight => flight;

    public CacheRequest<T> Request => request;

    public string Name => request.Name;

    public EntrySpec Spec => spec;

    /// <summary>Issued before anything was read.</summary>
    public FillToken Token => token;

    /// <summary>How long the callers may still wait for Redis.</summary>
    public RemoteBudget Budget => budget;

    /// <summary>Whether the run renews a value that is still fresh, so that it stops when another node already runs the factory.</summary>
    public bool IsRefresh => isRefresh;

    /// <summary>The newest stale value that fail-safe may serve.</summary>
    public TypedEntry<T>? Stale { get; set; }

    /// <summary>Whether callers get the stale value after the soft time-out.</summary>
    public bool HasSoftTimeout { get; set; }

    /// <summary>Stamp of the value that was read from Redis last; 0 for none.</summary>
    public long RemoteStamp { get; set; }

    /// <summary>Stamp of the lease that was granted with the last read; 0 for none.</summary>
    public long Lease { get; set; }

    /// <summary>Whether Redis failed to answer the last read.</summary>
    public bool RemoteFailed { get; set; }

    public Task Ended => _ended.Task;

    public void End() => _ended.TrySetResult();
}
