using Data.Health.Endpoints;

namespace Data.Health.Tests.Endpoints;

public sealed class SafeValueTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1.5)]
    [InlineData(true)]
    [InlineData("primary")]
    [InlineData("7.0.15")]
    [InlineData("half-open")]
    public void IsSafe_Measurement_IsShown(object value) => SafeValue.IsSafe("state", value).ShouldBeTrue();

    [Theory]
    [InlineData("10.0.0.7")]
    [InlineData("db.internal.example")]
    [InlineData("localhost")]
    [InlineData("Host=db;Password=x")]
    [InlineData("redis://u:p@h")]
    [InlineData("127.0.0.1:5432")]
    [InlineData("::1")]
    [InlineData("Connection refused by peer")]
    [InlineData("/var/lib/secret")]
    public void IsSafe_AddressOrSentence_IsHidden(string value) => SafeValue.IsSafe("state", value).ShouldBeFalse();

    [Fact]
    public void IsSafe_Exception_IsHidden() => SafeValue.IsSafe("state", new InvalidOperationException("x")).ShouldBeFalse();

    [Theory]
    [InlineData("host")]
    [InlineData("server_name")]
    [InlineData("ApiKey")]
    public void IsSafe_WordUnderATellingName_IsHidden(string key)
    {
        SafeValue.IsSafe(key, "db1").ShouldBeFalse();
        SafeValue.IsSafe(key, 7).ShouldBeTrue();
    }

    [Theory]
    [InlineData("sk_live_51H8abc0")]
    [InlineData("AKIA2E0A8F3B244C9986")]
    [InlineData("9f86d081884c7d659a2feaa0c55ad015")]
    public void IsSafe_WordShapedLikeAKey_IsHidden(string value)
    {
        SafeValue.IsSafe("state", value).ShouldBeFalse();
        SafeValue.IsSafe(value, 1).ShouldBeFalse();
    }

    [Theory]
    [InlineData("x.internal:5432")]
    [InlineData("10.0.0.7")]
    [InlineData("<b>")]
    [InlineData("")]
    public void IsSafe_KeyThatIsNoName_IsHidden(string key) => SafeValue.IsSafe(key, 1).ShouldBeFalse();

    [Theory]
    [InlineData("node 3")]
    [InlineData("pool_used")]
    [InlineData("p99-ms")]
    public void IsSafe_KeyThatIsAName_IsShown(string key) => SafeValue.IsSafe(key, 1).ShouldBeTrue();
}
