using Data.Cache.Redis;
using StackExchange.Redis;

namespace Data.Cache.Tests.Redis;

public sealed class ServerMemoryTests
{
    private readonly ServerMemory _memory = new();

    [Theory]
    [InlineData("0", false)]
    [InlineData("7", true)]
    [InlineData("", true)]
    public void Compare_FirstAnswer_TellsWhetherTheServerHasEvicted(string evicted, bool expected) =>
        Compare(1, "1", "run", evicted).ShouldBe((false, false, expected));

    [Fact]
    public void Compare_FurtherAnswers_TellWhatHasChangedSinceTheOneBefore()
    {
        Compare(1, "1", "run", "7");
        Compare(2, "1", "run", "7").ShouldBe((false, false, false));
        Compare(3, "1", "run", "8").ShouldBe((false, false, true));
        Compare(4, "1", "other", "8").ShouldBe((false, true, false));
        Compare(5, "5", "other", "8").ShouldBe((true, false, false));
        Compare(6, "5", "other", "8").ShouldBe((false, false, false));
        Compare(7, "5", "other", "8", lost: true).ShouldBe((true, false, false));
    }

    [Fact]
    public void Heard_HeartbeatsOutOfOrder_IsTheLatestOfAnyNode()
    {
        _memory.Heard.ShouldBe(0);
        Compare(5, "1", "run", "0");
        _memory.Observe(9);
        _memory.Observe(7);
        _memory.Heard.ShouldBe(9);
        _memory.Own.ShouldBe(5);
    }

    private (bool Lost, bool Changed, bool Evicted) Compare(long beat, string since, string run, string evicted, bool lost = false) =>
        _memory.Compare(beat, (RedisValue[])[since, run, evicted], lost);
}
