using System.Text;
using Data.Resilience.Idempotency;
using Data.Resilience.Sessions;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Data.Resilience.Tests.Idempotency.IdempotentBank;

namespace Data.Resilience.Tests.Idempotency;

/// <summary>Odd keys, odd results, and what is refused.</summary>
public sealed class KeyValueTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_OddKeysAndFingerprints_AreKeptApartAndFoundAgain()
    {
        await using var bank = await CreateAsync();
        string[] odd =
        [
            new('k', 200), new('\u4e00', 200), string.Concat(Enumerable.Repeat("\U0001F9FE", 100)), "'; DROP TABLE idempotency_keys; --",
            "%_\\x00{}$1", "\u202eright to left", "line\nbreak\ttab", " ", "null",
        ];
        foreach (var text in odd)
        {
            var options = new DbSessionOptions { IdempotencyKey = text, IdempotencyFingerprint = text };
            var first = await bank.Sessions.WriteAsync(TakeOneAsync, options, Token);
            (await bank.Sessions.WriteAsync(TakeOneAsync, options, Token)).ShouldBe(first);
        }

        (await bank.BalanceAsync(1)).ShouldBe(100 - odd.Length);
    }

    [Fact]
    public void Options_ValueThatCannotBeStored_IsRefusedWithoutBeingQuoted()
    {
        string[] bad = [new('k', 201), "null \0 character", "half of a pair \ud83e", "\udd2e the other half"];
        foreach (var text in bad)
        {
            Should.Throw<ArgumentException>(() => new DbSessionOptions { IdempotencyKey = text }).Message.ShouldNotContain(text);
            Should.Throw<ArgumentException>(() => new DbSessionOptions { IdempotencyFingerprint = text }).Message.ShouldNotContain(text);
        }

        Should.Throw<ArgumentException>(() => new DbSessionOptions { IdempotencyKey = "" });
        new DbSessionOptions { IdempotencyFingerprint = "" }.IdempotencyFingerprint.ShouldBe("");
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task WriteAsync_ResultOfTheLargestSizeAndOneMore_IsStoredOrRolledBack(int more, bool fits)
    {
        await using var bank = await CreateAsync(o => o.MaxResultSize = 1_000_000);
        var text = new string('x', 1_000_000 - 2 + more);
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        var first = await WriteAsync();
        if (fits)
        {
            first.Exception.ShouldBeNull();
            (await WriteAsync()).Result!.Length.ShouldBe(text.Length);
            (await bank.BalanceAsync(1)).ShouldBe(99);
            return;
        }

        var error = first.Exception.ShouldBeOfType<InvalidOperationException>();
        error.Message.ShouldContain("MaxResultSize");
        error.Message.ShouldContain("1000001");
        (await bank.BalanceAsync(1)).ShouldBe(100);
        (await KeyCountAsync(bank)).ShouldBe(0);

        ValueTask<DbSessionOutcome<string>> WriteAsync() => bank.Sessions.TryExecuteAsync(
            DbSessionKind.Write,
            async (session, _, token) =>
            {
                await TakeOneAsync(session, token);
                return text;
            },
            state: 0,
            options,
            Token);
    }

    [Fact]
    public async Task WriteAsync_ResultCannotBeSerialized_RollsBackAndThrowsTheSerializersError()
    {
        await using var bank = await CreateAsync();
        var runs = 0;
        await Should.ThrowAsync<NotSupportedException>(bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                runs++;
                await TakeOneAsync(session, token);
                return (Delegate)(() => { });
            },
            new DbSessionOptions { IdempotencyKey = "order 1" },
            Token).AsTask());

        runs.ShouldBe(1);
        (await bank.BalanceAsync(1)).ShouldBe(100);
        (await KeyCountAsync(bank)).ShouldBe(0);
    }

    [Fact]
    public async Task WriteAsync_StoredResultIsOfAnotherType_SaysThatTheWorkIsCommitted()
    {
        await using var bank = await CreateAsync();
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        await bank.Sessions.WriteAsync((_, _) => Task.FromResult("text"), options, Token);

        var error = await Should.ThrowAsync<InvalidOperationException>(bank.Sessions.WriteAsync(TakeOneAsync, options, Token).AsTask());
        error.Message.ShouldContain("is committed");
        error.Message.ShouldContain("System.Int64");
        error.InnerException.ShouldBeOfType<System.Text.Json.JsonException>();
        (await bank.BalanceAsync(1)).ShouldBe(100);
    }

    [Fact]
    public async Task WriteAsync_SerializerOfTheApplication_IsUsed()
    {
        await using var bank = await CreateAsync(build: builder => builder.Services.AddSingleton<IIdempotencySerializer, Plain>());
        var options = new DbSessionOptions { IdempotencyKey = "order 1" };
        for (var call = 0; call < 2; call++)
            (await bank.Sessions.WriteAsync((_, _) => Task.FromResult("ü"), options, Token)).ShouldBe("ü");

        (await bank.ScalarAsync<byte[]>("SELECT result FROM idempotency_keys")).ShouldBe("ü"u8.ToArray());
    }

    [Fact]
    public async Task ReadAsync_WithAKey_IsRefused()
    {
        await using var bank = await CreateAsync();
        (await Should.ThrowAsync<InvalidOperationException>(
            async () => await bank.Sessions.ReadAsync(TakeOneAsync, new DbSessionOptions { IdempotencyKey = "k" }, Token)))
            .Message.ShouldContain("WriteAsync");
    }

    [Fact]
    public async Task WriteAsync_FingerprintWithoutKey_IsRefused()
    {
        await using var bank = await CreateAsync();
        (await Should.ThrowAsync<InvalidOperationException>(
            async () => await bank.Sessions.WriteAsync(TakeOneAsync, new DbSessionOptions { IdempotencyFingerprint = "f" }, Token)))
            .Message.ShouldContain("needs an idempotency key");
    }

    [Fact]
    public async Task WriteAsync_NotRegistered_NamesAddIdempotency()
    {
        await using var bank = await Support.BankDatabase.CreateAsync();
        (await Should.ThrowAsync<InvalidOperationException>(
            async () => await bank.Sessions.WriteAsync(TakeOneAsync, new DbSessionOptions { IdempotencyKey = "k" }, Token)))
            .Message.ShouldContain("AddIdempotency");
    }

    [Theory]
    [InlineData("DROP TABLE idempotency_keys")]
    [InlineData("ALTER TABLE idempotency_keys DROP COLUMN fingerprint")]
    public async Task WriteAsync_TableMissing_NamesTheMigrationAndIsNotRetried(string damage)
    {
        await using var bank = await CreateAsync();
        await ExecuteAsync(bank.ConnectionString, damage);
        var error = await Should.ThrowAsync<InvalidOperationException>(
            bank.Sessions.WriteAsync(TakeOneAsync, new DbSessionOptions { IdempotencyKey = "k" }, Token).AsTask());

        error.Message.ShouldContain("CreateIdempotencyKeys");
        error.InnerException.ShouldBeOfType<PostgresException>();
    }

    [Fact]
    public async Task WriteAsync_UndefinedTableInTheDelegate_IsTheDelegatesError()
    {
        await using var bank = await CreateAsync();
        var error = await Should.ThrowAsync<PostgresException>(bank.Sessions.WriteRawAsync(
            async (NpgsqlConnection connection, CancellationToken token) =>
            {
                await using var command = new NpgsqlCommand("SELECT 1 FROM nothing", connection);
                return await command.ExecuteScalarAsync(token);
            },
            new DbSessionOptions { IdempotencyKey = "k" },
            Token).AsTask());

        error.SqlState.ShouldBe("42P01");
    }

    private sealed class Plain : IIdempotencySerializer
    {
        public byte[] Serialize<TResult>(TResult result) => Encoding.UTF8.GetBytes(result!.ToString()!);

        public TResult Deserialize<TResult>(byte[] stored) => (TResult)(object)Encoding.UTF8.GetString(stored);
    }
}
