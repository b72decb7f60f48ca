using Data.Resilience.Idempotency;
using Data.Resilience.Migrations;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using static Data.Resilience.Tests.Idempotency.IdempotentBank;

namespace Data.Resilience.Tests.Idempotency;

public sealed class IdempotencyMigrationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Odd \"table's\" name", "Odd \"schema\"")]
    [InlineData("keys", null)]
    public async Task CreateAndDrop_TableOfAnotherName_IsUsedAndDropped(string table, string? schema)
    {
        await using var bank = await BankDatabase.CreateAsync(
            build: builder => builder.AddIdempotency(o => (o.Table, o.Schema) = (table, schema)));
        if (schema is not null)
            await ExecuteAsync(bank.ConnectionString, "CREATE SCHEMA \"Odd \"\"schema\"\"\"");
        await ExecuteAsync(bank.ConnectionString, SqlOf(migration => migration.CreateIdempotencyKeys(table, schema)));
        for (var call = 0; call < 2; call++)
            (await bank.Sessions.WriteAsync(TakeOneAsync, new DbSessionOptions { IdempotencyKey = "k" }, Token)).ShouldBe(99);
        (await bank.Services.GetRequiredService<IIdempotencyKeys<Bank>>().RemoveExpiredAsync(Token)).ShouldBe(0);

        await ExecuteAsync(bank.ConnectionString, SqlOf(migration => migration.DropIdempotencyKeys(table, schema)));
        await Should.ThrowAsync<InvalidOperationException>(
            bank.Sessions.WriteAsync(TakeOneAsync, new DbSessionOptions { IdempotencyKey = "k" }, Token).AsTask());
    }

    [Fact]
    public async Task CompareSchemaAsync_WithTheTable_FindsNoDifference()
    {
        await using var bank = await CreateAsync(build: builder => builder.AddMigrations());
        var without = await Differences();
        await ExecuteAsync(bank.ConnectionString, SqlOf(migration => migration.DropIdempotencyKeys()));

        without.ShouldBe(await Differences());
        without.ShouldAllBe(difference => !difference.Table.Contains("idempotency"));

        Task<IReadOnlyList<SchemaDifference>> Differences() =>
            bank.Services.GetRequiredService<IMigrationRunner<Bank>>().CompareSchemaAsync(Token);
    }

    [Fact]
    public void Create_EmptyName_IsRefused() =>
        Should.Throw<ArgumentException>(() => SqlOf(migration => migration.CreateIdempotencyKeys(" ")));
}
