using Data.Resilience.Interceptors;
using Data.Resilience.Repositories;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Repositories;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Tests.Interceptors;

public sealed class CommandWatchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Log_SlowBareCommand_IsInTheSlowLogWithoutItsParameters()
    {
        await using var host = await DiagnosticsHost.StartAsync(o =>
        {
            o.SlowQueryThreshold = TimeSpan.FromMilliseconds(80);
            o.LogParameters = true;
        });

        await host.Sessions.ReadRawAsync(
            (connection, token) => ScalarAsync(connection, "SELECT pg_sleep(0.2), $1, 'literal'", token, "secret"),
            cancellationToken: Token);

        var entry = host.Logged(1300).ShouldHaveSingleItem();
        entry.ShouldContain("SELECT pg_sleep(?)");
        entry.ShouldNotContain("secret");
        entry.ShouldNotContain("literal");
    }

    [Fact]
    public async Task Log_BareCommands_AreCountedOnceEach()
    {
        await using var host = await DiagnosticsHost.StartAsync(_ => { });

        await host.Sessions.WriteRawAsync(
            async (connection, token) =>
            {
                for (var i = 0; i < 5; i++)
                    await ScalarAsync(connection, "SELECT $1::int", token, i);
                await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new("SELECT 1"), new("SELECT 'two'") } };
                await batch.ExecuteNonQueryAsync(token);
                return 0;
            },
            cancellationToken: Token);

        // Neither the package's own commands around the delegate are among them.
        host.Monitor.Top(10).Select(row => (row.Fingerprint.Text, row.Count)).ShouldBe(
            [("SELECT ?::int", 5), ("SELECT ?; SELECT ?", 1)], ignoreOrder: true);
    }

    [Fact]
    public async Task Log_CommandsOfEf_AreNotCountedTwice()
    {
        await using var host = await DiagnosticsHost.StartAsync(_ => { });
        SessionQueryStatistics statistics = default;

        await host.Sessions.WriteAsync(
            async (session, token) =>
            {
                await ScalarAsync(session.Connection, "SELECT 1", token);
                session.Context.Add(new Product { Code = "one" });
                await session.Context.SaveChangesAsync(token);
                await session.Context.Set<Product>().ToListAsync(token);
                await session.Repository<Slot, (int, string)>().UpsertAsync([new Slot { Room = 1, Day = "x" }], cancellationToken: token);
                await ScalarAsync(session.Connection, "SELECT 1", token);
                statistics = session.Context.Database.GetQueryStatistics();
                return 0;
            },
            cancellationToken: Token);

        host.Monitor.Top(10).Sum(row => row.Count).ShouldBe(5);
        host.Monitor.Top(10).ShouldContain(row => row.Fingerprint.Text == "SELECT ?" && row.Count == 2);
        statistics.QueryCount.ShouldBe(5);
        statistics.DatabaseTime.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task Log_FailedAndLostBareCommands_AreCounted()
    {
        await using var host = await DiagnosticsHost.StartAsync(_ => { });

        await Should.ThrowAsync<PostgresException>(() => host.Sessions.ReadRawAsync(
            (connection, token) => ScalarAsync(connection, "SELECT 1 / 0", token), cancellationToken: Token).AsTask());
        await host.Sessions.TryExecuteAsync(
            DbSessionKind.Read,
            static (session, _, token) => ScalarAsync(session.Connection, "SELECT pg_terminate_backend(pg_backend_pid())", token),
            0,
            new DbSessionOptions { MaxRetryAttempts = 0 },
            Token);

        host.Monitor.Top(10).Select(row => row.Count).ShouldBe([1, 1]);
    }

    [Fact]
    public async Task Log_NPlusOneThrows_TheBareCommandIsNotSent()
    {
        await using var host = await DiagnosticsHost.StartAsync(o =>
        {
            o.NPlusOne = NPlusOneAction.Throw;
            o.NPlusOneLimit = 3;
        });

        var error = await Should.ThrowAsync<NPlusOneException>(() => host.Sessions.ReadRawAsync(
            async (connection, token) =>
            {
                for (var i = 0; i < 10; i++)
                    await ScalarAsync(connection, "SELECT $1::int", token, i);
                return 0;
            },
            cancellationToken: Token).AsTask());

        error.Count.ShouldBe(4);
        error.CallSite.ShouldContain(nameof(CommandWatchTests));
        host.Monitor.Top(1)[0].Count.ShouldBe(3);
    }

    [Fact]
    public async Task Log_BareCommandOfAnOuterSession_CountsThere()
    {
        await using var outer = await DiagnosticsHost.StartAsync(_ => { });
        await using var inner = await DiagnosticsHost.StartAsync(_ => { });

        await outer.Sessions.ReadRawAsync(
            (connection, token) => inner.Sessions.ReadRawAsync(
                (_, innerToken) => ScalarAsync(connection, "SELECT 1", innerToken), cancellationToken: token).AsTask(),
            cancellationToken: Token);

        outer.Monitor.Top(10).Sum(row => row.Count).ShouldBe(1);
        inner.Monitor.Top(10).ShouldBeEmpty();
    }

    private static async Task<object?> ScalarAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
