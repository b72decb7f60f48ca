using System.Globalization;
using Data.TestServers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Tests.Engine;

/// <summary>Which values of Redis a reader uses.</summary>
public sealed class RemoteReaderTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HybridCacheEntryFlags.None, 30, true)]
    [InlineData(HybridCacheEntryFlags.None, 120, false)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCache, 30, true)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCache, 120, false)]
    public async Task GetOrCreateAsync_StampInTheFuture_IsUsedUpToAnHourAhead(HybridCacheEntryFlags flags, int minutes, bool used)
    {
        var redis = await SharedServers.RedisAsync();
        var prefix = "r" + Guid.NewGuid().ToString("N")[..12];
        var cache = DataCacheFactory.Create(new DataCacheOptions { Configuration = redis.ConnectionString, KeyPrefix = prefix });
        await using var owner = (IAsyncDisposable)cache;
        await Eventually.BeAsync(() => cache.GetStatistics().Link == CacheLinkState.Connected);
        var options = new DataCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableLocalCacheWrite };
        await cache.SetAsync("k", "stored", options, cancellationToken: Cancellation);

        // The stamp is not under the checksum.
        await redis.ExecuteAsync(
            "EVAL",
            "local stamp = struct.unpack('>I8', redis.call('GETRANGE', KEYS[1], 2, 9)) "
            + "return redis.call('SETRANGE', KEYS[1], 2, struct.pack('>I8', stamp + ARGV[1] * 60000000))",
            "1",
            prefix + ":v::k",
            minutes.ToString(CultureInfo.InvariantCulture));

        // These options, unlike the cache's own, lead past the local level without a flight.
        var reading = new HybridCacheEntryOptions { Flags = flags };
        (await cache.GetOrCreateAsync("k", static _ => ValueTask.FromResult("made"), reading, cancellationToken: Cancellation))
            .ShouldBe(used ? "stored" : "made");
    }
}
