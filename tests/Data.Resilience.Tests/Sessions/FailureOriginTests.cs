using System.Net.Sockets;
using Data.Resilience.CircuitBreaking;
using Data.Resilience.Connections;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Polly.CircuitBreaker;

namespace Data.Resilience.Tests.Sessions;

/// <summary>Which failures are the database's, on the session's own connection, and which only pass through the delegate.</summary>
public sealed class FailureOriginTests
{
    private const string Conflict = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$";
    private const string LockTaken = "DO $$ BEGIN RAISE EXCEPTION 'taken' USING ERRCODE = '55P03'; END $$";
    private const string DiskFull = "DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$";

    private static readonly Dictionary<string, Func<Exception>> Own = new(StringComparer.Ordinal)
    {
        ["file"] = () => new FileNotFoundException("no file"),
        ["input"] = () => new IOException("reset", new SocketException((int)SocketError.ConnectionReset)),
        ["end"] = () => new EndOfStreamException(),
        ["socket"] = () => new SocketException((int)SocketError.ConnectionRefused),
        ["http"] = () => new HttpRequestException("refused", new SocketException((int)SocketError.ConnectionRefused)),
        ["time-out"] = () => new TimeoutException("of a broker"),
        ["cancelled"] = () => new OperationCanceledException(new CancellationToken(canceled: true)),
        ["disposed"] = () => new ObjectDisposedException("cache"),
        ["several"] = () => new AggregateException(new IOException(), new TimeoutException()),
        ["update"] = () => new DbUpdateException("by hand", new IOException()),
        ["argument"] = () => new ArgumentOutOfRangeException("index"),
        ["any"] = () => new Exception("any"),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> OwnExceptions() => [.. Own.Keys];

    [Theory]
    [MemberData(nameof(OwnExceptions))]
    public async Task WriteAsync_ExceptionOfTheDelegate_PassesAsThrownAndIsNoFaultOfTheDatabase(string name)
    {
        await using var bank = await BankDatabase.CreateAsync(static options => options.CircuitBreaker.MinimumThroughput = 5);
        var node = bank.Keyed<DatabaseNode>();
        var tokens = node.Budget.Tokens;
        var (runs, calls) = (0, 0);
        foreach (var kind in Enumerable.Repeat(DbSessionKind.Write, 20).Concat(Enumerable.Repeat(DbSessionKind.Read, 20)))
        {
            var thrown = Own[name]();
            calls++;
            var caught = await CatchAsync(bank, kind, async (session, token) =>
            {
                runs++;
                await session.Context.Accounts.CountAsync(token);
                throw thrown;
            });
            caught.ShouldBeSameAs(thrown);
        }

        runs.ShouldBe(calls);
        node.Circuit.State.ShouldBe(CircuitState.Closed);
        node.Budget.Tokens.ShouldBe(tokens);
    }

    [Fact]
    public async Task WriteAsync_SessionOfAnotherDeadDatabaseInside_RunsOnceAndTheCircuitStaysClosed()
    {
        await using var bank = await BankDatabase.CreateAsync(static options => options.CircuitBreaker.MinimumThroughput = 5);
        await using var dead = ConnectVault(
            new NpgsqlConnectionStringBuilder(bank.ConnectionString) { Port = 1, Pooling = false }.ConnectionString);
        var vault = dead.GetRequiredService<IDbSessionFactory<Vault>>();
        var runs = 0;
        for (var call = 0; call < 40; call++)
        {
            Exception? inside = null;
            var caught = await CatchAsync(bank, DbSessionKind.Write, async (session, token) =>
            {
                runs++;
                await session.Context.Accounts.CountAsync(token);
                try
                {
                    await vault.ReadAsync(
                        (inner, cancel) => inner.Context.Database.ExecuteSqlAsync($"SELECT", cancel), cancellationToken: token);
                }
                catch (Exception exception)
                {
                    inside = exception;
                    throw;
                }
            });
            caught.ShouldBeSameAs(inside);
            (caught is NpgsqlException or DbSessionRejectedException).ShouldBeTrue(caught.ToString());
        }

        runs.ShouldBe(40);
        bank.Keyed<IDatabaseCircuit>().State.ShouldBe(CircuitState.Closed);
        dead.GetRequiredKeyedService<IDatabaseCircuit>(typeof(Vault)).State.ShouldNotBe(CircuitState.Closed);
    }

    [Theory]
    [InlineData(Conflict)]
    [InlineData(LockTaken)]
    [InlineData(DiskFull)]
    [InlineData("SELECT pg_terminate_backend(pg_backend_pid())")]
    [InlineData("SET statement_timeout = 1; SELECT pg_sleep(5)")]
    public async Task WriteAsync_OtherConnectionOfTheDelegateFails_RunsOnce(string sql)
    {
        await using var bank = await BankDatabase.CreateAsync();
        var node = bank.Keyed<DatabaseNode>();
        var tokens = node.Budget.Tokens;
        var runs = 0;
        var caught = await CatchAsync(bank, DbSessionKind.Write, async (session, token) =>
        {
            runs++;
            await session.Context.Accounts.CountAsync(token);
            await using var other = new NpgsqlConnection(bank.ConnectionString + ";Pooling=false");
            await other.OpenAsync(token);
            await ExecuteAsync(other, sql, token);
        });

        caught.ShouldBeAssignableTo<NpgsqlException>();
        runs.ShouldBe(1);
        node.Budget.Tokens.ShouldBe(tokens);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WriteAsync_OwnConflict_RunsAgainAlsoWhenWrapped(bool wraps)
    {
        await using var bank = await BankDatabase.CreateAsync();
        var runs = 0;
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                if (++runs > 1)
                    return;
                try
                {
                    await session.Context.Database.ExecuteSqlRawAsync(Conflict, token);
                }
                catch (PostgresException exception) when (wraps)
                {
                    throw new InvalidOperationException("The order was not stored.", exception);
                }
            },
            cancellationToken: Token);

        runs.ShouldBe(2);
    }

    [Fact]
    public async Task SavepointAsync_OtherConnectionLostAConflictInside_TheSessionGoesOn()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var runs = 0;
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                runs++;
                await Should.ThrowAsync<PostgresException>(session.SavepointAsync(
                    async inner =>
                    {
                        await using var other = new NpgsqlConnection(bank.ConnectionString + ";Pooling=false");
                        await other.OpenAsync(inner);
                        return await ExecuteAsync(other, Conflict, inner);
                    },
                    token));
                await session.Context.Database.ExecuteSqlAsync($"UPDATE accounts SET balance = 1 WHERE id = 1", token);
            },
            cancellationToken: Token);

        runs.ShouldBe(1);
        (await bank.BalanceAsync(1)).ShouldBe(1);
    }

    [Theory]
    [InlineData(Conflict, true)]
    [InlineData(Conflict, false)]
    [InlineData(LockTaken, false)]
    public async Task SavepointAsync_OwnConflictInside_RunsTheSessionAgain(string sql, bool swallows)
    {
        await using var bank = await BankDatabase.CreateAsync();
        var runs = 0;
        await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                runs++;
                try
                {
                    await session.SavepointAsync(
                        inner => session.Context.Database.ExecuteSqlRawAsync(runs == 1 ? sql : "SELECT", inner), token);
                }
                catch (PostgresException) when (swallows)
                {
                    // The delegate cannot know that a savepoint does not undo this one.
                }

                await session.Context.Database.ExecuteSqlAsync($"UPDATE accounts SET balance = balance + 1 WHERE id = 1", token);
            },
            cancellationToken: Token);

        runs.ShouldBe(2);
        (await bank.BalanceAsync(1)).ShouldBe(101);
    }

    [Fact]
    public async Task WriteAsync_OwnConflictThroughASessionOfAnotherContext_RunsAgainAndDoesNotCountThere()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await using var services = ConnectVault(bank.ConnectionString);
        var vault = services.GetRequiredService<IDbSessionFactory<Vault>>();
        var (runs, inside) = (0, 0);
        await bank.Sessions.WriteAsync(
            async (_, token) =>
            {
                runs++;
                await vault.WriteAsync(
                    async (_, cancel) =>
                    {
                        inside++;
                        await bank.Sessions.WriteAsync(
                            (own, end) => own.Context.Database.ExecuteSqlRawAsync(runs == 1 ? Conflict : "SELECT", end),
                            cancellationToken: cancel);
                    },
                    cancellationToken: token);
            },
            cancellationToken: Token);

        (runs, inside).ShouldBe((2, 2));
    }

    [Fact]
    public async Task WriteAsync_DelegateRolledBackItself_IsNotRunAgain()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var runs = 0;
        await CatchAsync(bank, DbSessionKind.Write, async (session, token) =>
        {
            runs++;
            try
            {
                await session.Context.Database.ExecuteSqlRawAsync(Conflict, token);
            }
            catch (PostgresException)
            {
                await session.Transaction!.RollbackAsync(token);
                throw;
            }
        });

        runs.ShouldBe(1);
    }

    [Fact]
    public async Task ReadAsync_DelegateClosedTheConnection_IsNotRunAgain()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var runs = 0;
        var caught = await CatchAsync(bank, DbSessionKind.Read, async (session, token) =>
        {
            runs++;
            await session.Connection.CloseAsync();
            await ExecuteAsync(session.Connection, "SELECT", token);
        });

        caught.ShouldBeOfType<InvalidOperationException>();
        runs.ShouldBe(1);
    }

    [Fact]
    public async Task ReadAsync_TokenOfTheDelegateEndsAStatementOnADeadLink_IsNotRunAgain()
    {
        await using var direct = await BankDatabase.CreateAsync();
        await using var proxy = await FaultProxy.StartAsync(await SharedServers.PostgresAsync());
        var through = new NpgsqlConnectionStringBuilder(direct.ConnectionString)
        {
            Port = proxy.Port,
            CancellationTimeout = 200,
            Timeout = 1,
        };
        await using var bank = BankDatabase.Connect(through.ConnectionString);
        var runs = 0;
        var caught = await CatchAsync(bank, DbSessionKind.Read, async (session, token) =>
        {
            runs++;
            await session.Context.Accounts.CountAsync(token);
            proxy.Freeze();
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            await ExecuteAsync(session.Connection, "SELECT", patience.Token);
        });

        caught.ShouldBeAssignableTo<OperationCanceledException>();
        runs.ShouldBe(1);
    }

    [Fact]
    public async Task ReadAsync_StatementOnTheBrokenConnection_RunsAgain()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var runs = 0;
        await bank.Sessions.ReadAsync(
            async (session, token) =>
            {
                if (++runs > 1)
                    return 0;
                await Should.ThrowAsync<PostgresException>(
                    ExecuteAsync(session.Connection, "SELECT pg_terminate_backend(pg_backend_pid())", token));
                // The driver calls it a misuse; the cause is the loss.
                return await ExecuteAsync(session.Connection, "SELECT", token);
            },
            cancellationToken: Token);

        runs.ShouldBe(2);
    }

    private static async Task<Exception> CatchAsync(
        BankDatabase bank, DbSessionKind kind, Func<IDbSession<Bank>, CancellationToken, Task> work)
    {
        var outcome = await bank.Sessions.TryExecuteAsync(
            kind,
            async (session, _, token) =>
            {
                await work(session, token);
                return 0;
            },
            state: 0,
            cancellationToken: Token);
        return outcome.Exception.ShouldNotBeNull();
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken token)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync(token);
    }

    private static ServiceProvider ConnectVault(string connectionString)
    {
        var services = new ServiceCollection();
        services.AddDataResilience<Vault>(options =>
        {
            options.ConnectionString = connectionString;
            options.Retry.BaseDelay = TimeSpan.FromMilliseconds(1);
            options.Retry.MaxRetryAttempts = 2;
            options.CircuitBreaker.MinimumThroughput = 5;
        });
        return services.BuildServiceProvider();
    }

    private sealed class Vault(DbContextOptions<Vault> options) : DbContext(options);
}
