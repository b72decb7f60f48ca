using FsCheck;
using FsCheck.Fluent;

namespace Data.Cache.Tests.Invalidation;

public sealed class KeyPatternTests
{
    [Fact]
    public void Literal_AnyText_MatchesItselfOnlyAndSurvivesParsing()
    {
        Prop.ForAll(Texts, text =>
        {
            var pattern = KeyPattern.Literal(text);
            return pattern.IsMatch(text) && !pattern.IsMatch(text + "x") && KeyPattern.Parse(pattern.ToString()).Equals(pattern);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Prefix_AnyTenant_MatchesItsOwnKeysOnly()
    {
        Prop.ForAll(Texts, Texts, (tenant, other) =>
        {
            var pattern = KeyPattern.Prefix(tenant + ":");
            var foreign = other + ":key";
            return pattern.IsMatch(tenant + ":key")
                && pattern.IsMatch(foreign) == foreign.StartsWith(tenant + ":", StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("a*b*c", "abc;aXbYc;abbcc", "ab;bc;abcd")]
    [InlineData("[^a-c]?", "dx;€€", "ax;d")]
    [InlineData(@"\[x\]", "[x]", "x")]
    [InlineData("a?c", "abc;a😀c", "ac;abbc")]
    public void IsMatch_Glob_CoversTheWholeKey(string glob, string matching, string others)
    {
        var pattern = KeyPattern.Parse(glob);
        foreach (var key in matching.Split(';'))
            pattern.IsMatch(key).ShouldBeTrue(key);
        foreach (var key in others.Split(';'))
            pattern.IsMatch(key).ShouldBeFalse(key);
    }

    [Fact]
    public void IsMatch_ManyStars_EndsSoon() =>
        KeyPattern.Parse(string.Concat(Enumerable.Repeat("*a", 50)) + "b").IsMatch(new string('a', 1000)).ShouldBeFalse();

    [Theory]
    [InlineData("[abc")]
    [InlineData(@"abc\")]
    public void Parse_Malformed_Throws(string glob) => Should.Throw<FormatException>(() => KeyPattern.Parse(glob));

    private static Arbitrary<string> Texts => Gen.Elements([.. "ab*?[]\\^-!:{}\n€"])
        .ArrayOf()
        .Select(static characters => new string(characters))
        .ToArbitrary();
}
