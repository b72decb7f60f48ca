using System.Diagnostics;
using Data.Cache;
using Data.TestServers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.FaultTests.Cache;

/// <summary>A cluster of three primaries and three replicas that changes under load.</summary>
public sealed class ClusterFaultTests
{
    private const int Keys = 60;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2.5);
    private static readonly HybridCacheEntryOptions RemoteOnly = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FailOver_UnderLoad_CallersGetValuesInTimeAndRemovalsHold(bool primaryDies)
    {
        await using var cluster = await RedisCluster.StartAsync(new RedisClusterOptions { Replicas = true });
        await using var first = await CacheNode.Start(cluster.ConnectionString).ConnectedAsync();
        await using var second = await CacheNode.Start(cluster.ConnectionString).ConnectedAsync();
        for (var i = 0; i < Keys; i++)
            await first.Cache.SetAsync($"k{i}", 1);

        await using (var load = new Load(first, second))
        {
            if (primaryDies)
                await cluster.Primaries[0].KillAsync();
            await cluster.FailOverAsync(cluster.Replicas[0], TestContext.Current.CancellationToken);
            await load.EndAsync();
        }

        await AgreeAsync(first, second);
    }

    [Fact]
    public async Task MigrateSlot_UnderLoad_CallersGetValuesInTimeAndRemovalsHold()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var first = await CacheNode.Start(cluster.ConnectionString).ConnectedAsync();
        await using var second = await CacheNode.Start(cluster.ConnectionString).ConnectedAsync();
        for (var i = 0; i < Keys; i++)
            await first.Cache.SetAsync($"k{i}", 1);

        await using (var load = new Load(first, second))
        {
            foreach (var key in new[] { "k1", "k2", "k3" })
            {
                var slot = await cluster.SlotOfAsync("f:v::" + key);
                var owner = await cluster.OwnerOfAsync(slot);
                var target = cluster.Primaries.First(node => node != owner);
                await cluster.MigrateSlotAsync(slot, target, meanwhile: () => first.Cache.SetAsync(key, 7).AsTask());
                (await cluster.OwnerOfAsync(slot)).ShouldBe(target);
            }

            await load.EndAsync();
        }

        await AgreeAsync(first, second);
    }

    /// <summary>Whatever happened before: what is written now is read by the other node, and what is removed is gone there.</summary>
    private static async Task AgreeAsync(CacheNode first, CacheNode second)
    {
        await Until.TrueAsync(() => first.IsSettled && second.IsSettled, "The nodes did not recover", seconds: 40);
        for (var i = 0; i < Keys; i++)
        {
            var key = $"k{i}";
            await first.Cache.SetAsync(key, 1000 + i);
            await Until.TrueAsync(
                async () => (await second.Cache.TryGetAsync<int>(key)).Value == 1000 + i,
                $"The write of {key} did not reach the other node");
            await second.Cache.RemoveAsync(key);
            await Until.TrueAsync(
                async () => !(await first.Cache.TryGetAsync<int>(key)).Found,
                $"The removal of {key} did not reach the other node");
        }

        (await first.Cache.GetOrCreateAsync("k0", 5, static (made, _) => ValueTask.FromResult(made), RemoteOnly)).ShouldBe(5);
        (await second.Cache.GetOrCreateAsync("k0", 6, static (made, _) => ValueTask.FromResult(made), RemoteOnly)).ShouldBe(5);
    }

    /// <summary>
    /// Reads, writes and removes on two nodes until it is told to end. A call that throws or takes too long fails the test.
    /// </summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task<(int Calls, TimeSpan Slowest)>[] _workers;

        public Load(params CacheNode[] nodes) =>
            _workers = [.. nodes.SelectMany(
                (node, index) => Enumerable.Range(0, 4).Select(worker => Task.Run(() => RunAsync(node, (index * 4) + worker))))];

        public async Task EndAsync()
        {
            // Also a while after the change: the client learns of it late.
            await Task.Delay(1500, TestContext.Current.CancellationToken);
            await _stop.CancelAsync();
            var results = await Task.WhenAll(_workers);
            results.ShouldAllBe(result => result.Calls > 0);
            results.Max(result => result.Slowest).ShouldBeLessThan(Limit);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            Task workers = Task.WhenAll(_workers);
            await workers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }

        private async Task<(int Calls, TimeSpan Slowest)> RunAsync(CacheNode node, int seed)
        {
            var random = new Random(seed);
            var slowest = TimeSpan.Zero;
            var calls = 0;
            for (; !_stop.IsCancellationRequested; calls++)
            {
                var key = $"k{random.Next(Keys)}";
                var started = Stopwatch.GetTimestamp();
                switch (random.Next(10))
                {
                    case 0:
                        await node.Cache.SetAsync(key, 1);
                        break;
                    case 1:
                        await node.Cache.RemoveAsync(key);
                        break;
                    default:
                        (await node.Cache.GetOrCreateAsync(key, static _ => ValueTask.FromResult(1))).ShouldBeOneOf(1, 7);
                        break;
                }

                var took = Stopwatch.GetElapsedTime(started);
                slowest = took > slowest ? took : slowest;
                await Task.Delay(2);
            }

            return (calls, slowest);
        }
    }
}
