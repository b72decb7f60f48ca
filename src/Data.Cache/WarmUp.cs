namespace Data.Cache;

/// <summary>Creates the values of many keys, a bounded number concurrently.</summary>
internal static class WarmUp
{
    public static async ValueTask<WarmUpResult> RunAsync<T>(
        DataCache cache,
        IEnumerable<string> keys,
        Func<string, CancellationToken, ValueTask<T>> factory,
        WarmUpOptions options,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConcurrency, 1, nameof(options));
        var warmed = 0;
        var failed = 0;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(keys, parallel, async (key, token) =>
        {
            try
            {
                await cache.GetOrCreateAsync(
                    key,
                    (key, factory),
                    static (state, _, cancellation) => state.factory(state.key, cancellation),
                    options.Entry,
                    options.Tags,
                    token).ConfigureAwait(false);
                Interlocked.Increment(ref warmed);
            }
            catch (Exception) when (!token.IsCancellationRequested)
            {
                // The failure of one key must not stop the others; it is counted and logged where the factory ran.
                Interlocked.Increment(ref failed);
            }
        }).ConfigureAwait(false);
        return new WarmUpResult(warmed, failed);
    }
}
