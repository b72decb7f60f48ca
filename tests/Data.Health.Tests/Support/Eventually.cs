using System.Diagnostics;

namespace Data.Health.Tests.Support;

/// <summary>Waits for what must come, with a limit far beyond what it takes.</summary>
internal static class Eventually
{
    public static async Task BeTrueAsync(Func<Task<bool>> condition, string what, int seconds = 20)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(seconds), what);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public static Task BeTrueAsync(Func<bool> condition, string what, int seconds = 20) =>
        BeTrueAsync(() => Task.FromResult(condition()), what, seconds);
}
