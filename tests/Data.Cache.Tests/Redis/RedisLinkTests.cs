using Data.TestServers;

namespace Data.Cache.Tests.Redis;

public sealed class RedisLinkTests
{
    [Fact]
    public async Task Start_ServingFailsUnexpectedly_ConnectsAgain()
    {
        await using var redis = await RedisServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var runs = 0;
        await using var link = await TestLink.ConnectAsync(
            redis,
            "s",
            static options => options.BreakDuration = TimeSpan.FromMilliseconds(100),
            () => ++runs < 3 ? throw new InvalidOperationException("unexpected") : Task.FromResult(true));

        runs.ShouldBe(3);
        link.Causes.ShouldHaveSingleItem().ShouldBeOfType<InvalidOperationException>();
    }
}
