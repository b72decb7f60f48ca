using System.Globalization;
using System.Text.Json;
using StackExchange.Redis;

namespace Data.FaultTests.Cache;

/// <summary>A node of <see cref="ForgettingProcessesTests"/>, in a process of its own.</summary>
internal static class HistoryChild
{
    public const string Argument = "cache-history-child";
    public const string Settle = "settle", Recover = "recover", Stop = "stop", Check = "check", Done = "done";
    public const int Keys = 9;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not [var configuration, var source, var index, var of])
            return 2;

        using var versions = await ConnectionMultiplexer.ConnectAsync(source);
        var history = new CheckedHistory(Keys, new SharedVersions(versions.GetDatabase()));
        await using var node = await CacheNode.Start(configuration).ConnectedAsync();
        using var stop = new CancellationTokenSource();
        var work = history.RunShareAsync(node, Number(index), Number(of), stop.Token);
        do
        {
            Console.WriteLine(Done);
            switch (await Console.In.ReadLineAsync())
            {
                case Settle:
                    await Until.TrueAsync(() => node.IsSettled, "The node did not settle");
                    break;
                case Recover:
                    await Until.TrueAsync(() => node.Cache.GetStatistics().LinkChanges >= 3 && node.IsSettled, "The node did not recover");
                    break;
                case Stop:
                    await stop.CancelAsync();
                    await work;
                    foreach (var seen in history.Events)
                        Console.WriteLine(JsonSerializer.Serialize(seen));
                    break;
                case Check:
                    await history.CheckNowAsync([node], $"process {index}");
                    break;
                default:
                    return 0;
            }
        }
        while (true);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
