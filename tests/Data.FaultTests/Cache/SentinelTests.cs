using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Data.Cache;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>The connection string names sentinels, which name the primary.</summary>
public sealed class SentinelTests
{
    [Fact]
    public async Task Configuration_NamesSentinels_FollowsTheirPrimaryThroughAFailOver()
    {
        await using var primary = await RedisServer.StartAsync();
        var address = string.Create(CultureInfo.InvariantCulture, $"{primary.Host} {primary.Port}");
        await using var replica = await RedisServer.StartAsync(new RedisServerOptions { Settings = { ["replicaof"] = address } });
        await using var sentinel = await Sentinel.StartAsync(primary);
        await Until.TrueAsync(
            () => SaysAsync(primary, "connected_slaves:1"),
            "The replica did not connect");
        await using var node = await CacheNode.Start($"{sentinel.EndPoint},serviceName=main").ConnectedAsync();
        await node.Cache.SetAsync("many:1", 1);
        (await node.Cache.RemoveByPatternAsync(KeyPattern.Prefix("many:"))).Count.ShouldBe(1);
        await node.Cache.SetAsync("k", 1);
        (await primary.ExecuteAsync("EXISTS", "f:v::k")).ShouldBe(1L);
        await Until.TrueAsync(async () => await replica.ExecuteAsync("EXISTS", "f:v::k") is 1L, "The value was not replicated");

        await primary.KillAsync();
        await Until.TrueAsync(
            () => SaysAsync(replica, "role:master"),
            "The replica was not promoted",
            seconds: 40);
        await Until.TrueAsync(
            async () =>
            {
                await node.Cache.SetAsync("after", 2);
                return node.IsSettled && await replica.ExecuteAsync("EXISTS", "f:v::after") is 1L;
            },
            "The cache did not follow the primary",
            seconds: 60);
    }

    private static async Task<bool> SaysAsync(RedisServer server, string text) =>
        ((string)(await server.ExecuteAsync("INFO", "replication"))!).Contains(text, StringComparison.Ordinal);

    private sealed class Sentinel(Process process, string endPoint, string folder) : IAsyncDisposable
    {
        public string EndPoint => endPoint;

        public static async Task<Sentinel> StartAsync(RedisServer primary)
        {
            var folder = Directory.CreateTempSubdirectory("sentinel").FullName;
            var port = FreePort();
            var file = Path.Combine(folder, "sentinel.conf");
            await File.WriteAllTextAsync(file, string.Create(
                CultureInfo.InvariantCulture,
                $"""
                port {port}
                bind 127.0.0.1
                dir {folder}
                sentinel monitor main {primary.Host} {primary.Port} 1
                sentinel down-after-milliseconds main 1000
                sentinel failover-timeout main 5000

                """));
            var process = Process.Start(new ProcessStartInfo("redis-server", [file, "--sentinel"])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
            process.BeginOutputReadLine();
            var sentinel = new Sentinel(process, string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), folder);
            await Until.TrueAsync(() => AnswersAsync(port), "The sentinel did not start");
            return sentinel;
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            Directory.Delete(folder, recursive: true);
        }

        private static async Task<bool> AnswersAsync(int port)
        {
            try
            {
                using var socket = new TcpClient();
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }

        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
    }
}
