using Data.Resilience.Sessions;
using static Data.Resilience.Tests.Idempotency.IdempotentBank;

namespace Data.Resilience.Tests.Idempotency;

/// <summary>Calls with a key inside an open session.</summary>
public sealed class JoinedKeyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_JoinedWithTheOuterKeyOrNone_RunsAsPartOfIt()
    {
        await using var bank = await CreateAsync();
        var outer = new DbSessionOptions { IdempotencyKey = "order 1", IdempotencyFingerprint = "f" };
        var same = new DbSessionOptions { IdempotencyKey = "order 1", IdempotencyFingerprint = "f" };
        for (var call = 0; call < 2; call++)
        {
            (await bank.Sessions.WriteAsync(
                async (_, token) =>
                {
                    await bank.Sessions.WriteAsync(TakeOneAsync, same, token);
                    return await bank.Sessions.WriteAsync(TakeOneAsync, cancellationToken: token);
                },
                outer,
                Token)).ShouldBe(98);
        }

        (await bank.BalanceAsync(1)).ShouldBe(98);
        (await KeyCountAsync(bank)).ShouldBe(1);
    }

    [Theory]
    [InlineData("order 1", "f", "order 2", "f")]
    [InlineData("order 1", "f", "order 1", "g")]
    [InlineData("order 1", "f", "order 1", null)]
    [InlineData(null, null, "order 1", "f")]
    public async Task WriteAsync_JoinedWithAnotherKey_IsRefusedAndTheOuterSessionMayGoOn(
        string? key, string? fingerprint, string innerKey, string? innerFingerprint)
    {
        await using var bank = await CreateAsync();
        var left = await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                (await Should.ThrowAsync<InvalidOperationException>(bank.Sessions.WriteAsync(
                    TakeOneAsync,
                    new DbSessionOptions { IdempotencyKey = innerKey, IdempotencyFingerprint = innerFingerprint },
                    token).AsTask())).Message.ShouldContain("outer session");
                return await TakeOneAsync(session, token);
            },
            key is null ? null : new DbSessionOptions { IdempotencyKey = key, IdempotencyFingerprint = fingerprint },
            Token);

        left.ShouldBe(99);
        (await bank.BalanceAsync(1)).ShouldBe(99);
    }
}
