using Data.Resilience.Replicas;

namespace Data.Resilience.Tests.Replicas;

public sealed class CommitTokenTests
{
    [Theory]
    [InlineData(7395827395827395827UL, 1u, 0x0000000103A000D8UL)]
    [InlineData(ulong.MaxValue, uint.MaxValue, ulong.MaxValue)]
    [InlineData(0UL, 0u, 0UL)]
    public void ToString_AndBack_IsTheSameAndFitForAHeader(ulong systemIdentifier, uint timeline, ulong position)
    {
        var token = new CommitToken(systemIdentifier, timeline, position);
        var text = token.ToString();

        text.Length.ShouldBe(28);
        text.ShouldAllBe(c => char.IsAsciiLetterOrDigit(c) || c == '-' || c == '_');
        CommitToken.TryParse(text, out var parsed).ShouldBeTrue();
        parsed.ShouldBe(token);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0/3A000D8")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    [InlineData("                            ")]
    [InlineData("AgAAAAAAAAAAAAAAAAAAAAAAAAAA")] // version 2
    public void TryParse_AnythingElse_IsRefused(string? text) => CommitToken.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData(0x2000018UL, 0x2000000UL)]
    [InlineData(0x3000028UL, 0x3000000UL)]
    [InlineData(0x2000020UL, 0x2000020UL)]
    public void EndOfRecord_RightAfterAPageHeader_TakesItBack(ulong insert, ulong end) => LogPosition.EndOfRecord(insert).ShouldBe(end);
}
