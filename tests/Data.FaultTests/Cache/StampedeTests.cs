using System.Diagnostics;
using System.Globalization;
using Data.Cache;
using Data.TestServers;
using StackExchange.Redis;

namespace Data.FaultTests.Cache;

/// <summary>Real processes that all want the same key at the same moment.</summary>
public sealed class StampedeTests
{
    private const int Processes = 4;

    [Fact]
    public async Task GetOrCreateAsync_FourProcessesOf200Callers_RunTheFactoryOnce()
    {
        await using var redis = await RedisServer.StartAsync();
        using var direct = await StampedeChild.ConnectAsync(redis.ConnectionString);
        var database = direct.GetDatabase();
        using var children = await Children.StartAsync(redis, database, factoryMs: 300);

        await database.StringSetAsync("go", 1);
        await children.EndAsync();
        ((long)await database.StringGetAsync("runs")).ShouldBe(1);
        ((long)await database.StringGetAsync("answers")).ShouldBe(Processes * StampedeChild.Callers);
        (await database.SetMembersAsync("values")).Length.ShouldBe(1);
    }

    [Fact]
    public async Task GetOrCreateAsync_LeaseHolderKilled_RunsTheFactoryAtMostTwice()
    {
        await using var redis = await RedisServer.StartAsync();
        using var direct = await StampedeChild.ConnectAsync(redis.ConnectionString);
        var database = direct.GetDatabase();
        using var children = await Children.StartAsync(redis, database, factoryMs: 1500);

        await database.StringSetAsync("go", 1);
        await Until.TrueAsync(() => database.KeyExistsAsync("holder"), "No factory was started");
        children.Kill((int)await database.StringGetAsync("holder"));
        await children.EndAsync();
        ((long)await database.StringGetAsync("runs")).ShouldBe(2);
        ((long)await database.StringGetAsync("answers")).ShouldBe((Processes - 1) * StampedeChild.Callers);
        (await database.SetMembersAsync("values")).Length.ShouldBe(1);
    }

    private sealed class Children(Process[] processes) : IDisposable
    {
        public static async Task<Children> StartAsync(RedisServer redis, IDatabase database, int factoryMs)
        {
            var children = new Children([.. Enumerable.Range(0, Processes).Select(_ => Start(redis, factoryMs))]);
            await Until.TrueAsync(
                async () => (long)await database.StringGetAsync("ready") == Processes,
                "The processes did not start",
                seconds: 60);
            return children;
        }

        public void Kill(int id) => Array.Find(processes, process => process.Id == id)!.Kill();

        public async Task EndAsync()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await Task.WhenAll(processes.Select(process => process.WaitForExitAsync(limit.Token)));
        }

        public void Dispose()
        {
            foreach (var process in processes)
            {
                if (!process.HasExited)
                    process.Kill();
                process.Dispose();
            }
        }

        private static Process Start(RedisServer redis, int factoryMs)
        {
            var start = new ProcessStartInfo("dotnet")
            {
                ArgumentList = {
                    typeof(StampedeTests).Assembly.Location,
                    "-explicit",
                    "only",
                    "-method",
                    $"{typeof(StampedeChild).FullName}.{nameof(StampedeChild.Callers_WaitForGo_AskForOneKey)}" },
                Environment = {
                    [StampedeChild.Server] = redis.ConnectionString,
                    [StampedeChild.FactoryMs] = factoryMs.ToString(CultureInfo.InvariantCulture) },
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            };
            var process = Process.Start(start)!;
            process.OutputDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return process;
        }
    }
}

/// <summary>One of the processes. Explicit: it runs only when <see cref="StampedeTests"/> starts it.</summary>
public sealed class StampedeChild
{
    public const int Callers = 200;
    public const string Server = "DATA_CACHE_STAMPEDE_SERVER";
    public const string FactoryMs = "DATA_CACHE_STAMPEDE_FACTORY_MS";

    /// <summary>
    /// The test's own bookkeeping. Asynchronous calls only: this client may resume its caller on the thread that reads the answers.
    /// </summary>
    public static Task<ConnectionMultiplexer> ConnectAsync(string configuration) => ConnectionMultiplexer.ConnectAsync(configuration);

    [Fact(Explicit = true)]
    public async Task Callers_WaitForGo_AskForOneKey()
    {
        var configuration = Environment.GetEnvironmentVariable(Server);
        Assert.SkipWhen(configuration is null, "Started by StampedeTests only.");
        var pause = int.Parse(Environment.GetEnvironmentVariable(FactoryMs)!, CultureInfo.InvariantCulture);
        using var direct = await ConnectAsync(configuration!);
        var database = direct.GetDatabase();

        // A call that misses its deadline on a busy machine would rightly run the factory without the lease.
        await using var node = await CacheNode.Start(configuration!, configure: static options =>
        {
            options.RemoteSoftTimeout = TimeSpan.FromSeconds(10);
            options.RemoteHardTimeout = TimeSpan.FromSeconds(10);
            options.LeaseDuration = TimeSpan.FromSeconds(3);
        }).ConnectedAsync();
        await database.StringIncrementAsync("ready");
        await Until.TrueAsync(() => database.KeyExistsAsync("go"), "No go", seconds: 60);

        var calls = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () => await node.Cache.GetOrCreateAsync("wanted", async token =>
        {
            await database.StringIncrementAsync("runs");
            await database.StringSetAsync("holder", Environment.ProcessId);
            await Task.Delay(pause, token);
            return Guid.NewGuid().ToString();
        }))).ToArray();
        foreach (var value in await Task.WhenAll(calls))
        {
            await database.SetAddAsync("values", value);
            await database.StringIncrementAsync("answers");
        }
    }
}
