using Data.Cache;

namespace Data.FaultTests.Cache;

/// <summary>A call of GetOrCreateAsync whose factory has started and ends when the test says so.</summary>
internal sealed class HeldCall
{
    private readonly TaskCompletionSource _running = new();
    private readonly TaskCompletionSource<string> _value = new();
    private Task<string> _call = Task.FromResult("");

    private HeldCall()
    {
    }

    public static async Task<HeldCall> StartAsync(DataCache cache, string key, DataCacheEntryOptions options)
    {
        var held = new HeldCall();
        held._call = cache.GetOrCreateAsync(
            key,
            async (_, _) =>
            {
                held._running.SetResult();
                return await held._value.Task;
            },
            options,
            cancellationToken: TestContext.Current.CancellationToken).AsTask();
        await held._running.Task;
        return held;
    }

    /// <summary>Ends the factory, and returns what the caller got.</summary>
    public Task<string> ReleaseAsync(string value)
    {
        _value.SetResult(value);
        return _call;
    }
}
