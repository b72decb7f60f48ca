using Data.Health.Internal;

namespace Data.Health.Tests.Internal;

public sealed class CauseTextTests
{
    [Fact]
    public void Of_NestedExceptions_NamesEachTypeAndMessage() =>
        CauseText.Of(new IOException("cannot reach db.internal:5432", new TimeoutException("after 5 s")), "ignored")
            .ShouldBe("IOException: cannot reach db.internal:5432 ---> TimeoutException: after 5 s");

    [Theory]
    [InlineData("7 of 9 shards", "7 of 9 shards")]
    [InlineData(null, "no further information")]
    [InlineData(" ", "no further information")]
    public void Of_NoException_IsTheDescription(string? description, string expected) =>
        CauseText.Of(null, description).ShouldBe(expected);

    [Theory]
    [InlineData("Host=db;Password=hunter2 and more;Database=x", "Host=db;Password=***;Database=x")]
    [InlineData("pwd='a;b c' next", "pwd=*** next")]
    [InlineData("cache:6379,password=hunter2,ssl=true", "cache:6379,password=***")]
    [InlineData("{\"api_key\": \"hunter2\", \"n\": 3}", "{\"api_key\": ***, \"n\": 3}")]
    [InlineData("Authorization: Bearer hunter2.abc", "Authorization: *** ***")]
    [InlineData("sent Bearer hunter2", "sent Bearer ***")]
    [InlineData("amqp://user:hun@ter2@mq:5672/v", "amqp://***@mq:5672/v")]
    [InlineData("redis://:hunter2@cache", "redis://***@cache")]
    [InlineData("stripe_secret_key=hunter2", "stripe_secret_key=***")]
    [InlineData("x-api-key: hunter2", "x-api-key: ***")]
    [InlineData("SharedAccessKey=hunter2", "SharedAccessKey=***")]
    [InlineData("got sk_live_51H8abcdefGHIJ012345 back", "got *** back")]
    [InlineData("key dcs_aB3-aB3_aB3-aB3_aB3-aB3_aB3-aB3_aB3", "key ***")]
    public void Redact_Secret_IsMasked(string text, string expected)
    {
        CauseText.Redact(text).ShouldBe(expected);
        CauseText.Of(new InvalidOperationException("outer", new IOException(text)), null).ShouldEndWith(expected);
    }

    [Theory]
    [InlineData("Failed to connect to 10.0.0.7:5432")]
    [InlineData("23505: duplicate key value violates unique constraint \"ix_name\"")]
    [InlineData("Could not load type Company.Product.Component.SomethingVeryLongWithoutDigits")]
    [InlineData("/var/lib/postgresql/15/main is missing")]
    [InlineData("No connection to db-0.db.internal at https://db:8443/path")]
    public void Redact_OrdinaryText_StaysReadable(string text) => CauseText.Redact(text).ShouldBe(text);

    [Fact]
    public void Redact_SecretAtTheEndOfALongText_IsNotCutInHalf()
    {
        var text = new string('.', 990) + " password=hunter2hunter2";
        CauseText.Redact(text).ShouldNotContain("hunter");
        CauseText.Redact(new string('.', 1_000_000)).Length.ShouldBe(1001);
    }

    [Fact]
    public void Redact_LineBreaks_BecomeSpaces() => CauseText.Redact("one\r\nINFO forged\u2028x").ShouldBe("one INFO forged x");
}
