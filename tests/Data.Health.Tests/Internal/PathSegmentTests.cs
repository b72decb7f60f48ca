using Data.Health.Internal;

namespace Data.Health.Tests.Internal;

public sealed class PathSegmentTests
{
    [Theory]
    [InlineData("redis", "redis")]
    [InlineData("Redis_1.0~a-b", "Redis_1.0~a-b")]
    [InlineData("database circuit", "database-circuit")]
    [InlineData("a / b?c#d%e", "a-b-c-d-e")]
    [InlineData("Über", "ber")]
    [InlineData("..", "check")]
    [InlineData("日本", "check")]
    [InlineData("live", "live-check")]
    [InlineData("taken", "taken-2")]
    [InlineData("taken twice", "taken-twice-3")]
    public void Of_Name_IsASegmentThatNeedsNoEscaping(string name, string expected)
    {
        string[] taken = ["taken", "taken-twice", "taken-twice-2"];
        var segment = PathSegment.Of(name, s => s == "live", taken.Contains);
        segment.ShouldBe(expected);
        Uri.EscapeDataString(segment).ShouldBe(segment);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("h{x}")]
    public void IsPlain_TextThatAPathEscapesOrResolves_IsFalse(string text) => PathSegment.IsPlain(text).ShouldBeFalse();
}
