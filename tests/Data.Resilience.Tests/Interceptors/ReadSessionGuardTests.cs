using System.Data;
using Data.Resilience.Repositories;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Data.Resilience.Tests.Interceptors;

public sealed class ReadSessionGuardTests
{
    // Signature, flags, length of the extension, then one row of two fields and the end.
    private static readonly byte[] BinaryRow =
        [.. "PGCOPY\n"u8, 0xff, .. "\r\n\0"u8, .. new byte[8], 0, 2, 0, 0, 0, 3, .. "new"u8, 0, 0, 0, 8, .. new byte[7], 7, 0xff, 0xff];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Writes =>
    [
        "SaveChanges", "ExecuteUpdate", "ExecuteDelete", "ExecuteSql", "FromSql", "GetDbConnection", "RawCommand", "RawBatch", "BinaryCopy",
        "TextCopy", "RawCopy", "Repository",
    ];

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task ReadAsync_Write_IsRefusedBeforeItIsSent(string way)
    {
        await using var bank = await BankDatabase.CreateAsync();
        var runs = 0;

        var error = await Should.ThrowAsync<InvalidOperationException>(() => bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                runs++;
                await WriteAsync(session, way, token);
                return 0;
            },
            cancellationToken: Token).AsTask());

        error.Message.ShouldContain("WriteAsync");
        runs.ShouldBe(1);
        (await bank.ScalarAsync<long>("SELECT (count(*) * 1000 + sum(balance))::bigint FROM accounts")).ShouldBe(11_000);
    }

    [Theory]
    [InlineData("SaveChanges")]
    [InlineData("ExecuteUpdate")]
    [InlineData("ExecuteDelete")]
    [InlineData("ExecuteSql")]
    [InlineData("FromSql")]
    public async Task ReadAsync_WriteOfEfWithoutDriverLog_IsRefused(string way)
    {
        await using var bank = await BankDatabase.CreateAsync(build: builder =>
            builder.ConfigureDataSource((_, dataSource) => dataSource.UseLoggerFactory(NullLoggerFactory.Instance)));

        var error = await Should.ThrowAsync<InvalidOperationException>(() => bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                await WriteAsync(session, way, token);
                return 0;
            },
            cancellationToken: Token).AsTask());

        error.Message.ShouldContain("WriteAsync");
        (await bank.ScalarAsync<long>("SELECT (count(*) * 1000 + sum(balance))::bigint FROM accounts")).ShouldBe(11_000);
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task WriteAsync_SameWrite_IsApplied(string way)
    {
        await using var bank = await BankDatabase.CreateAsync();

        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                await WriteAsync(session, way, token);
                return 0;
            },
            cancellationToken: Token);

        (await bank.ScalarAsync<long>("SELECT (count(*) * 1000 + sum(balance))::bigint FROM accounts")).ShouldNotBe(11_000);
    }

    [Fact]
    public async Task ReadAsync_AfterARefusal_TheSameSessionStillReads()
    {
        await using var bank = await BankDatabase.CreateAsync();

        var balance = await bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                foreach (var way in Writes.Select(row => row.Data))
                    await Should.ThrowAsync<InvalidOperationException>(() => WriteAsync(session, way, token));
                session.Context.ChangeTracker.Clear();
                await using var command = new NpgsqlCommand("SELECT sum(balance)::bigint FROM accounts", session.Connection);
                return await session.Context.Accounts.SumAsync(account => account.Balance, token)
                    + (long)(await command.ExecuteScalarAsync(token))!;
            },
            cancellationToken: Token);

        balance.ShouldBe(2000);
    }

    [Fact]
    public async Task ReadAsync_SaveChangesWithoutChanges_Passes()
    {
        await using var bank = await BankDatabase.CreateAsync();

        (await bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                await session.Context.Accounts.AsTracking().FirstAsync(account => account.Id == 1, token);
                return await session.Context.SaveChangesAsync(token);
            },
            cancellationToken: Token)).ShouldBe(0);
    }

    [Fact]
    public async Task WriteAsync_ContextThatServedARead_SavesChanges()
    {
        await using var bank = await BankDatabase.CreateAsync();
        Bank? first = null;
        Bank? second = null;
        await bank.Sessions.ReadAsync((session, _) => Task.FromResult(first = session.Context), cancellationToken: Token);

        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                second = session.Context;
                second.Add(new Account { Owner = "new", Balance = 1 });
                return await second.SaveChangesAsync(token);
            },
            cancellationToken: Token);

        second.ShouldBeSameAs(first);
        (await bank.ScalarAsync<long>("SELECT count(*) FROM accounts")).ShouldBe(11);
    }

    [Fact]
    public async Task ReadRawAsync_RefusedStatementThatTheDriverPrepares_StaysUsableForWrites()
    {
        const string Sql = "UPDATE accounts SET balance = balance + 1 WHERE id = 1";
        await using var bank = await BankDatabase.CreateAsync();
        await using var prepared = BankDatabase.Connect(
            bank.ConnectionString + ";Maximum Pool Size=1;Max Auto Prepare=10;Auto Prepare Min Usages=2");

        for (var i = 0; i < 3; i++)
        {
            await Should.ThrowAsync<InvalidOperationException>(() => prepared.Sessions.ReadRawAsync(
                (connection, token) => ExecuteAsync(connection, Sql, token), cancellationToken: Token).AsTask());
        }

        for (var i = 0; i < 3; i++)
            await prepared.Sessions.WriteRawAsync((connection, token) => ExecuteAsync(connection, Sql, token), cancellationToken: Token);

        (await bank.BalanceAsync(1)).ShouldBe(103);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task ReadRawAsync_LostAnswer_IsRepeatedOnlyWhenItsCommandsWereSeen(bool isSeen, int expectedRuns)
    {
        var logger = new RecordingLoggerProvider();
        await using var bank = await BankDatabase.CreateAsync(build: builder =>
        {
            builder.Services.AddLogging(logging => logging.AddProvider(logger));
            if (!isSeen)
                builder.ConfigureDataSource((_, dataSource) => dataSource.UseLoggerFactory(NullLoggerFactory.Instance));
        });
        var runs = 0;

        var outcome = await bank.Sessions.TryExecuteAsync(
            DbSessionKind.Read,
            async (session, _, token) =>
            {
                if (runs++ == 0)
                    await ExecuteAsync(session.Connection, "SELECT pg_terminate_backend(pg_backend_pid())", token);
                return 0;
            },
            0,
            cancellationToken: Token);

        outcome.IsSuccess.ShouldBe(isSeen);
        runs.ShouldBe(expectedRuns);
        logger.Entries.Count(entry => entry.Id == 1020).ShouldBe(isSeen ? 0 : 1);
    }

    [Fact]
    public async Task ReadAsync_LostAnswerOfEfWithoutDriverLog_IsRepeated()
    {
        await using var bank = await BankDatabase.CreateAsync(build: builder =>
            builder.ConfigureDataSource((_, dataSource) => dataSource.UseLoggerFactory(NullLoggerFactory.Instance)));
        var runs = 0;

        await bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                if (runs++ == 0)
                    await session.Context.Database.ExecuteSqlRawAsync("SELECT pg_terminate_backend(pg_backend_pid())", token);
                return 0;
            },
            cancellationToken: Token);

        runs.ShouldBe(2);
    }

    [Fact]
    public async Task ReadAsync_FunctionThatWritesInATransaction_IsRefusedByTheServerAndNotRepeated()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await using (var setup = new NpgsqlConnection(bank.ConnectionString))
        {
            await setup.OpenAsync(Token);
            await ExecuteAsync(
                setup,
                "CREATE FUNCTION pay() RETURNS int LANGUAGE sql AS 'UPDATE accounts SET balance = 0 RETURNING 1'",
                Token);
        }

        var runs = 0;
        var error = await Should.ThrowAsync<InvalidOperationException>(() => bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                runs++;
                await ExecuteAsync(session.Connection, "SET TRANSACTION READ ONLY", token);
                return await ExecuteAsync(session.Connection, "SELECT pay()", token);
            },
            new DbSessionOptions { IsolationLevel = IsolationLevel.RepeatableRead },
            Token).AsTask());

        error.Message.ShouldContain("WriteAsync");
        error.InnerException.ShouldBeOfType<PostgresException>().SqlState.ShouldBe("25006");
        runs.ShouldBe(1);
        (await bank.BalanceAsync(1)).ShouldBe(100);
    }

    [Fact]
    public async Task WriteAsync_InsideAReadSessionOfAnotherContext_Writes()
    {
        await using var outer = await BankDatabase.CreateAsync();
        await using var inner = await BankDatabase.CreateAsync();

        await outer.Sessions.ReadAsync(
            async (session, token) =>
            {
                await inner.Sessions.WriteRawAsync(
                    async (connection, innerToken) =>
                    {
                        await ExecuteAsync(connection, "UPDATE accounts SET balance = 5", innerToken);
                        await Should.ThrowAsync<InvalidOperationException>(
                            () => ExecuteAsync(session.Connection, "UPDATE accounts SET balance = 5", innerToken));
                        return 0;
                    },
                    cancellationToken: token);
                return 0;
            },
            cancellationToken: Token);

        (await inner.BalanceAsync(1)).ShouldBe(5);
        (await outer.BalanceAsync(1)).ShouldBe(100);
    }

    private static async Task WriteAsync(IDbSession<Bank> session, string way, CancellationToken cancellationToken)
    {
        const string Insert = "INSERT INTO accounts (owner, balance) VALUES ('new', 7)";
        const string Copy = "COPY accounts (owner, balance) FROM STDIN";
        switch (way)
        {
            case "SaveChanges":
                session.Context.Add(new Account { Owner = "new", Balance = 7 });
                await session.Context.SaveChangesAsync(cancellationToken);
                break;
            case "ExecuteUpdate":
                await session.Context.Accounts.ExecuteUpdateAsync(set => set.SetProperty(a => a.Balance, 1), cancellationToken);
                break;
            case "ExecuteDelete":
                await session.Context.Accounts.Where(account => account.Id == 1).ExecuteDeleteAsync(cancellationToken);
                break;
            case "ExecuteSql":
                await session.Context.Database.ExecuteSqlAsync(
                    $"INSERT INTO accounts (owner, balance) VALUES ({way}, 7)", cancellationToken);
                break;
            case "FromSql":
                await session.Context.Accounts.FromSqlRaw("UPDATE accounts SET balance = 1 RETURNING *").ToListAsync(cancellationToken);
                break;
            case "GetDbConnection":
                await ExecuteAsync((NpgsqlConnection)session.Context.Database.GetDbConnection(), Insert, cancellationToken);
                break;
            case "RawCommand":
                await ExecuteAsync(session.Connection, Insert, cancellationToken);
                break;
            case "RawBatch":
                await using (var batch = new NpgsqlBatch(session.Connection) { BatchCommands = { new("SELECT 1"), new(Insert) } })
                    await batch.ExecuteNonQueryAsync(cancellationToken);
                break;
            case "BinaryCopy":
                await using (var importer = await session.Connection.BeginBinaryImportAsync(Copy + " (FORMAT BINARY)", cancellationToken))
                {
                    await importer.WriteRowAsync(cancellationToken, "new", 7L);
                    await importer.CompleteAsync(cancellationToken);
                }

                break;
            case "TextCopy":
                await using (var writer = await session.Connection.BeginTextImportAsync(Copy, cancellationToken))
                    await writer.WriteAsync("new\t7\n");
                break;
            case "RawCopy":
                await using (var stream = await session.Connection.BeginRawBinaryCopyAsync(Copy + " (FORMAT BINARY)", cancellationToken))
                    await stream.WriteAsync(BinaryRow, cancellationToken);
                break;
            default:
                await session.Repository<Account, int>().DeleteAsync(1, cancellationToken);
                break;
        }
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
