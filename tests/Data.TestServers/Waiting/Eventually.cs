using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Data.TestServers;

/// <summary>Waits for a condition that becomes true soon, with a limit far above the expected time.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Evaluates a condition every 10 ms until it is true.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="what">What becomes true, for the error; by default the text of the condition.</param>
    /// <param name="seconds">Limit in seconds.</param>
    /// <returns>A task that completes when the condition is true.</returns>
    /// <exception cref="TimeoutException">The condition was still false at the limit.</exception>
    public static async Task BeAsync(
        Func<Task<bool>> condition,
        [CallerArgumentExpression(nameof(condition))] string what = "",
        int seconds = 20)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition().ConfigureAwait(false))
        {
            if (Stopwatch.GetElapsedTime(start) >= TimeSpan.FromSeconds(seconds))
                throw new TimeoutException($"Still false after {seconds} s: {what}");
            await Task.Delay(Pause).ConfigureAwait(false);
        }
    }

    /// <summary>Evaluates a condition every 10 ms until it is true.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="what">What becomes true, for the error; by default the text of the condition.</param>
    /// <param name="seconds">Limit in seconds.</param>
    /// <returns>A task that completes when the condition is true.</returns>
    /// <exception cref="TimeoutException">The condition was still false at the limit.</exception>
    public static Task BeAsync(
        Func<bool> condition,
        [CallerArgumentExpression(nameof(condition))] string what = "",
        int seconds = 20) =>
        BeAsync(() => Task.FromResult(condition()), what, seconds);
}
