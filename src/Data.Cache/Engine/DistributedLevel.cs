using System.Buffers;
using Data.Cache.Observation;
using Data.Cache.Redis;
using Microsoft.Extensions.Caching.Distributed;

namespace Data.Cache.Engine;

/// <summary>A second level that can only get, set and remove one key.</summary>
internal sealed class DistributedLevel(
    IDistributedCache cache,
    DistributedGate gate,
    RedisKeys keys,
    DataCacheOptions options,
    UnfinishedRemovals unfinished,
    CacheCounters counters,
    TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();


    /// <summary>Whether operations fail while the second level does not answer.</summary>
    public bool IsStrict => options.OutageMode == OutageMode.Strict;

    /// <summary>Reads the bytes of a value; null where there is none, or one that should have been removed.</summary>
    public async ValueTask<RemoteResult<byte[]?>> GetAsync(string name, TimeSpan deadline, CancellationToken cancellationToken)
    {
        if (unfinished.Covers(name))
            return new RemoteResult<byte[]?>((byte[]?)null);
        return await CallAsync(token => ReadAsync(keys.Value(name), token), deadline, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes a value. What it replaces is not served any more, also when the write fails.</summary>
    public async ValueTask<RemoteResult<bool>> SetAsync(
        RemoteWrite write,
        TimeSpan lifetime,
        TimeSpan? sliding,
        CancellationToken cancellationToken)
    {
        var entry = new DistributedCacheEntryOptions
        {
            AbsoluteExpirationRelativeToNow = lifetime > TimeSpan.Zero ? lifetime : TimeSpan.FromMilliseconds(1),
            SlidingExpiration = sliding,
        };
        var answer = await CallAsync(
            async token =>
            {
                await cache.SetAsync(keys.Value(write.Name), write.Envelope, entry, token).ConfigureAwait(false);
                return true;
            },
            options.RemoteHardTimeout,
            cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            unfinished.Finished(write.Name);
        }
        else
        {
            unfinished.Add(write.Name);
            _ = FinishAsync();
        }

        return answer;
    }

    /// <summary>Removes a value. When that fails, it is not served by this node, and removed as soon as the second level answers.</summary>
    public async ValueTask<RemoteResult<bool>> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        unfinished.Add(name);
        var answer = await CallAsync(token => EraseAsync(name, token), options.RemoteHardTimeout, cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
            unfinished.Finished(name);
        else
            _ = FinishAsync();
        return answer;
    }

    /// <summary>Stops what runs in the background.</summary>
    public void Dispose() => _stop.Cancel();

    /// <summary>Extends the life of a value with sliding expiration.</summary>
    public ValueTask<RemoteResult<bool>> RefreshAsync(string name, CancellationToken cancellationToken) => CallAsync(
        async token =>
        {
            await cache.RefreshAsync(keys.Value(name), token).ConfigureAwait(false);
            return true;
        },
        options.RemoteSoftTimeout,
        cancellationToken);

    /// <summary>Fails an operation because the second level does not answer, in strict mode.</summary>
    public void ThrowIfStrict(string operation, Exception? cause)
    {
        if (!IsStrict)
            return;
        throw new CacheUnavailableException(
            $"The distributed cache is not available: {operation} was not carried out. The outage mode is Strict; Local and NoOp continue "
            + "without it.",
            cause);
    }

    private async ValueTask<RemoteResult<T>> CallAsync<T>(
        Func<CancellationToken, Task<T>> call,
        TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        var answer = await gate.CallAsync(call, deadline, cancellationToken).ConfigureAwait(false);
        if (!answer.Succeeded)
            counters.RemoteFailures.Increment();
        return answer;
    }

    private async Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        if (cache is not IBufferDistributedCache buffered)
            return await cache.GetAsync(key, cancellationToken).ConfigureAwait(false);
        var buffer = new ArrayBufferWriter<byte>();
        return await buffered.TryGetAsync(key, buffer, cancellationToken).ConfigureAwait(false) ? buffer.WrittenSpan.ToArray() : null;
    }

    private async Task<bool> EraseAsync(string name, CancellationToken cancellationToken)
    {
        await cache.RemoveAsync(keys.Value(name), cancellationToken).ConfigureAwait(false);
        return true;
    }

    // One at a time; each that fails waits for the breaker's next try.
    private async Task FinishAsync()
    {
        try
        {
            while (unfinished.TryBegin(out var name, out var change))
            {
                var answer = await gate.CallAsync(token => EraseAsync(name, token), options.RemoteHardTimeout, _stop.Token)
                    .ConfigureAwait(false);
                if (!answer.Succeeded)
                    await Task.Delay(options.BreakDuration, time, _stop.Token).ConfigureAwait(false);
                unfinished.End(name, change, answer.Succeeded);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The cache is disposed.
        }
    }
}
