using Data.Health.Contributors.Stores;
using Data.Health.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Data.Health.Tests.Contributors;

public sealed class RedisAddressTests
{
    [Theory]
    [InlineData("cache", "cache", 6379, null, null, false)]
    [InlineData("cache:7000,password=a=b,abortConnect=false,defaultDatabase=3", "cache", 7000, null, "a=b", false)]
    [InlineData("one:1,two:2, user=me , ssl=True,Password=x", "one", 1, "me", "x", true)]
    [InlineData("cache.example,ssl=true", "cache.example", 6380, null, null, true)]
    [InlineData("[::1]:7000", "::1", 7000, null, null, false)]
    [InlineData("::1", "::1", 6379, null, null, false)]
    [InlineData("redis://cache", "cache", 6379, null, null, false)]
    [InlineData("redis://:p%40ss@cache:7000/2", "cache", 7000, null, "p@ss", false)]
    [InlineData("rediss://me:x@[::1]:7000", "::1", 7000, "me", "x", true)]
    public void Parse_ConnectionString_IsRead(string text, string host, int port, string? user, string? password, bool tls) =>
        RedisAddress.Parse(text).ShouldBe(new RedisAddress(host, port, user, password, tls));

    [Theory]
    [InlineData("")]
    [InlineData("password=hunter2")]
    [InlineData("cache:port,password=hunter2")]
    [InlineData("cache:70000,password=hunter2")]
    [InlineData("cache,ssl=perhaps,password=hunter2")]
    [InlineData("redis://,password=hunter2")]
    public async Task Start_InvalidConnectionString_IsAnErrorWithoutIt(string text)
    {
        await using var app = HealthApp.Build(b => b.AddRedis("redis", o => o.ConnectionString = text));
        var error = await Should.ThrowAsync<OptionsValidationException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        error.Message.ShouldNotContain("hunter2");
        error.Message.ShouldContain("'redis'");
    }
}
