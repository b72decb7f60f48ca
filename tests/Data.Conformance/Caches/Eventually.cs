namespace Data.Conformance.Caches;

/// <summary>Waits for what happens soon, with much slack.</summary>
internal static class Eventually
{
    public static async Task BeAsync(Func<Task<bool>> condition)
    {
        var until = Environment.TickCount64 + 15_000;
        while (!await condition())
        {
            (Environment.TickCount64 < until).ShouldBeTrue("The condition did not come true within 15 s.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
