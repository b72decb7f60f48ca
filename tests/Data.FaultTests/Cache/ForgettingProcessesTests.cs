using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Data.FaultTests.Processes;
using Data.TestServers;

namespace Data.FaultTests.Cache;

/// <summary>The history of <see cref="ForgettingHistoryTests"/> over nodes that are processes of their own.</summary>
public sealed class ForgettingProcessesTests
{
    private const int Processes = 3;
    private static readonly TimeSpan Heartbeat = CacheNode.Options("", "f").HeartbeatInterval;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ForgettingRedis.Restored)]
    [InlineData(ForgettingRedis.Promoted)]
    [InlineData(ForgettingRedis.Flushed)]
    [InlineData("allkeys-lru")]
    public async Task History_RedisForgets_HoldsNoReadOlderThanAnAcknowledgedUpdate(string fault)
    {
        await using var redis = await ForgettingRedis.StartAsync(fault, Cancellation);
        await using var source = await RedisServer.StartAsync(cancellationToken: Cancellation);
        var proxies = new FaultProxy[Processes];
        var children = new List<ChildProcess>();
        try
        {
            for (var i = 0; i < Processes; i++)
            {
                proxies[i] = await FaultProxy.StartAsync(redis.Redis);
                children.Add(new ChildProcess(
                    HistoryChild.Argument,
                    proxies[i].EndPoint,
                    source.ConnectionString,
                    i.ToString(CultureInfo.InvariantCulture),
                    Processes.ToString(CultureInfo.InvariantCulture)));
            }

            await AnswersAsync(children);
            await Task.Delay(700, Cancellation);
            await redis.ForgetAsync(fault, proxies, () => AskAsync(children, HistoryChild.Recover));
            await AskAsync(children, HistoryChild.Settle);
            await Task.Delay(Heartbeat * 2, Cancellation);
            var noticed = Stopwatch.GetTimestamp();
            await Task.Delay(1000, Cancellation);

            // Timestamps of processes on one machine compare.
            var history = new CheckedHistory(HistoryChild.Keys);
            foreach (var line in await AskAsync(children, HistoryChild.Stop))
                history.Add(JsonSerializer.Deserialize<HistoryEvent>(line)!);
            history.Reads.ShouldBeGreaterThan(100);
            history.Check(static _ => true, Heartbeat, noticed);
            await AskAsync(children, HistoryChild.Settle);
            await Task.Delay(Heartbeat, Cancellation);
            await AskAsync(children, HistoryChild.Check);
        }
        finally
        {
            foreach (var child in children)
                await child.DisposeAsync();
            foreach (var proxy in proxies.Where(static proxy => proxy is not null))
                await proxy.DisposeAsync();
        }
    }

    /// <summary>Gives each process an order. Returns what they write before they have done it.</summary>
    private static async Task<string[]> AskAsync(List<ChildProcess> children, string order)
    {
        foreach (var child in children)
            await child.WriteLineAsync(order);
        return await AnswersAsync(children);
    }

    private static async Task<string[]> AnswersAsync(List<ChildProcess> children) =>
        [.. (await Task.WhenAll(children.Select(AnswerAsync))).SelectMany(static lines => lines)];

    private static async Task<List<string>> AnswerAsync(ChildProcess child)
    {
        var lines = new List<string>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (await child.ReadLineAsync(limit.Token) is { } line)
        {
            if (line == HistoryChild.Done)
                return lines;
            lines.Add(line);
        }

        throw new InvalidOperationException("The process ended: " + string.Join('\n', lines));
    }
}
