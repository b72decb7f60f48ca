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
    public void IsSafe_Measurement_IsShown(object value) => SafeValue.IsSafe("key", value).ShouldBeTrue();

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
    public void IsSafe_AddressOrSentence_IsHidden(string value) => SafeValue.IsSafe("key", value).ShouldBeFalse();

    [Fact]
    public void IsSafe_Exception_IsHidden() => SafeValue.IsSafe("key", new InvalidOperationException("x")).ShouldBeFalse();
}
