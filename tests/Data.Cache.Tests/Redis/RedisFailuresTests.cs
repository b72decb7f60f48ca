using Data.Cache.Redis;
using StackExchange.Redis;

namespace Data.Cache.Tests.Redis;

public sealed class RedisFailuresTests
{
    [Theory]
    [InlineData("MOVED 1 127.0.0.1:1", false)]
    [InlineData("ASK 1 127.0.0.1:1", false)]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot", false)]
    [InlineData("OOM command not allowed", false)]
    [InlineData("CLUSTERDOWN The cluster is down", true)]
    [InlineData("READONLY You can't write against a read only replica.", true)]
    [InlineData("LOADING Redis is loading the dataset in memory", true)]
    [InlineData("NOAUTH Authentication required.", true)]
    public void IsLinkFailure_AnswerOfTheServer_IsOneWhenNoCommandWouldSucceed(string message, bool expected) =>
        RedisFailures.IsLinkFailure(new RedisServerException(message)).ShouldBe(expected);

    [Theory]
    [InlineData("MOVED 1 127.0.0.1:1", true)]
    [InlineData("ASK 1 127.0.0.1:1", true)]
    [InlineData("TRYAGAIN Multiple keys request during rehashing of slot", true)]
    [InlineData("Key has MOVED to Endpoint 127.0.0.1:1 and hashslot 1 but CommandFlags.NoRedirect was specified", true)]
    [InlineData("CLUSTERDOWN The cluster is down", false)]
    public void IsSlotMove_AnswerOfTheServer_IsOneWhenTheNextAttemptSucceeds(string message, bool expected) =>
        RedisFailures.IsSlotMove(new RedisServerException(message)).ShouldBe(expected);
}
