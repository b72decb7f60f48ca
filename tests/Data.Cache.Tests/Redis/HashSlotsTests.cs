using Data.Cache.Redis;

namespace Data.Cache.Tests.Redis;

/// <summary>The slots that Redis itself names (CLUSTER KEYSLOT).</summary>
public sealed class HashSlotsTests
{
    [Theory]
    [InlineData("123456789", 12739)]
    [InlineData("foo", 12182)]
    [InlineData("bar", 5061)]
    [InlineData("any{foo}thing", 12182)]
    [InlineData("foo{bar}{zap}", 5061)]
    public void Of_Key_IsTheSlotOfRedis(string key, int slot) => HashSlots.Of(key).ShouldBe(slot);

    [Fact]
    public void Of_EmptyBraces_CoversTheWholeKey() => HashSlots.Of("foo{}{bar}").ShouldNotBe(HashSlots.Of("bar"));

    [Fact]
    public void For_EverySlot_HashesToIt()
    {
        for (var slot = 0; slot < HashSlots.Count; slot++)
            HashSlots.Of(SlotTags.For(slot)).ShouldBe(slot);
    }
}
