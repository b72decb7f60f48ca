using System.Diagnostics;
using Data.Resilience.Commits;
using Data.Resilience.Sessions;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.FaultTests.Resilience;

/// <summary>The server is stopped and never goes on while a call lasts: every call ends within its limits all the same.</summary>
public sealed class FrozenServerTests : IAsyncLifetime
{
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Total = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Verification = TimeSpan.FromSeconds(1);

    // The promise, and generous slack for a loaded machine; without the limits the calls took 15 to 60 seconds.
    private static readonly TimeSpan Bound = Total + Attempt + Verification + TimeSpan.FromSeconds(4);

    private const int PoolSize = 3;

    private PostgresServer _server = null!;
    private Ledger _ledger = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync(cancellationToken: Token);
        _ledger = await Ledger.CreateAsync(_server);
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task ReadAsync_NoConnectionYet_EndsInTime()
    {
        await using var client = Connect(_ledger.ConnectionString);
        _server.Freeze();

        await FailAsync(() => Sessions(client).ReadAsync(
            (session, token) => session.Context.Ledger.CountAsync(token), cancellationToken: Token).AsTask());
    }

    [Fact]
    public async Task ReadAsync_OpenConnection_EndsInTime()
    {
        await using var client = await ConnectWarmAsync();
        _server.Freeze();

        await FailAsync(() => Sessions(client).ReadAsync(
            (session, token) => session.Context.Ledger.CountAsync(token), cancellationToken: Token).AsTask());
    }

    [Fact]
    public async Task ReadRawAsync_CommandWithoutToken_EndsInTimeAndIsNotRunAgain()
    {
        await using var client = await ConnectWarmAsync();
        _server.Freeze();
        var runs = 0;

        (await FailAsync(() => Sessions(client).ReadRawAsync(
            (connection, _) =>
            {
                Interlocked.Increment(ref runs);
                return new NpgsqlCommand("SELECT 1", connection).ExecuteScalarAsync(CancellationToken.None);
            },
            cancellationToken: Token).AsTask())).ShouldBeOfType<TimeoutException>().Message.ShouldContain("abandoned");
        runs.ShouldBe(1);
    }

    [Fact]
    public async Task WriteAsync_FrozenInTheDelegate_EndsInTimeAndHasNoEffect()
    {
        await using var client = await ConnectWarmAsync();

        await FailAsync(() => Sessions(client).WriteAsync(
            async (session, token) =>
            {
                await WriteAsync(session, 1, token);
                _server.Freeze();
                await WriteAsync(session, 2, token);
            },
            cancellationToken: Token).AsTask());
        (await CountAfterThawAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task WriteAsync_FrozenAtCommit_EndsInTimeAndIsToldToBeAmbiguous()
    {
        await using var client = await ConnectWarmAsync();
        var runs = 0;

        (await FailAsync(() => Sessions(client).WriteAsync(
            async (session, token) =>
            {
                Interlocked.Increment(ref runs);
                await WriteAsync(session, 1, token);
                _server.Freeze();
            },
            cancellationToken: Token).AsTask())).ShouldBeOfType<AmbiguousCommitException>();
        runs.ShouldBe(1);
        (await CountAfterThawAsync()).ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task WriteAsync_JoinedCallWithoutToken_EndsInTimeAndHasNoEffect()
    {
        await using var client = await ConnectWarmAsync();
        var sessions = Sessions(client);

        await FailAsync(() => sessions.WriteAsync(
            async (session, token) =>
            {
                await WriteAsync(session, 1, token);
                _server.Freeze();
#pragma warning disable CA2016 // That nobody hands on the token is what is tested.
                await sessions.WriteAsync((joined, inner) => WriteAsync(joined, 2, inner));
#pragma warning restore CA2016
            },
            cancellationToken: Token).AsTask());
        (await CountAfterThawAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task ExecuteAsync_MoreCallsThanThePoolHolds_AllEndInTimeAndNothingIsDoneTwice()
    {
        await using var client = await ConnectWarmAsync(";Maximum Pool Size=3");
        var started = new CountdownEvent(3);
        var calls = Enumerable.Range(0, 12).Select(number => FailAsync(() => Sessions(client).WriteAsync(
            async (session, token) =>
            {
                await WriteAsync(session, number, token);
                if (!started.IsSet && started.Signal())
                    _server.Freeze();
                await Task.Delay(500, token);
                await WriteAsync(session, number, token);
            },
            cancellationToken: Token).AsTask())).ToArray();

        await Task.WhenAll(calls);
        (await CountAfterThawAsync()).ShouldBe(0);
    }

    // One abandoned call, behind which the pool has idle connections to the frozen host, and more than the pool holds.
    [Theory]
    [InlineData(1)]
    [InlineData(PoolSize + 1)]
    public async Task ReadAsync_FirstOfTwoHostsFrozen_IsServedByTheSecondAfterAbandonedCalls(int abandoned)
    {
        await using var second = await PostgresServer.StartAsync(cancellationToken: Token);
        var first = new NpgsqlConnectionStringBuilder(_ledger.ConnectionString);
        await second.CreateDatabaseAsync(first.Database, cancellationToken: Token);
        await second.ExecuteAsync($"ALTER USER \"{first.Username}\" PASSWORD '{first.Password}'", Token);
        var hosts = $"{_server.Host}:{_server.Port},{second.Host}:{second.Port}";
        await using var client = Connect(new NpgsqlConnectionStringBuilder(_ledger.ConnectionString)
        {
            Host = hosts,
            MaxPoolSize = PoolSize,
        }.ConnectionString, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(8));
        await Task.WhenAll(Enumerable.Range(0, PoolSize).Select(_ => PortAsync(client, "SELECT pg_sleep(0.2)")));
        _server.Freeze();

        await Task.WhenAll(Enumerable.Range(0, abandoned).Select(async _ => await Sessions(client).TryExecuteAsync(
            DbSessionKind.Read,
            static (session, _, _) => new NpgsqlCommand("SELECT 1", session.Connection).ExecuteScalarAsync(CancellationToken.None),
            state: 0,
            cancellationToken: Token)));
        (await PortAsync(client, "SELECT 1")).ShouldBe(second.Port);
    }

    private static async Task<int> PortAsync(ServiceProvider client, string sql) => await Sessions(client).ReadRawAsync(
        async (connection, token) =>
        {
            await new NpgsqlCommand(sql, connection).ExecuteNonQueryAsync(token);
            return connection.Port;
        },
        cancellationToken: Token);

    private static IDbSessionFactory<LedgerContext> Sessions(ServiceProvider client) =>
        client.GetRequiredService<IDbSessionFactory<LedgerContext>>();

    private static Task<int> WriteAsync(IDbSession<LedgerContext> session, long transfer, CancellationToken token)
    {
        session.Context.Ledger.Add(new LedgerEntry { Transfer = transfer });
        return session.Context.SaveChangesAsync(token);
    }

    private static ServiceProvider Connect(string connectionString, TimeSpan? attempt = null, TimeSpan? total = null)
    {
        var services = new ServiceCollection();
        services.AddDataResilience<LedgerContext>(options =>
        {
            options.ConnectionString = connectionString;
            options.Retry.AttemptTimeout = attempt ?? Attempt;
            options.Retry.TotalTimeout = total ?? Total;
            options.Retry.CommitVerificationTimeout = Verification;
            options.CircuitBreaker.Enabled = false;
        });
        return services.BuildServiceProvider();
    }

    /// <summary>Fails unless the call does, and in time.</summary>
    private static async Task<Exception> FailAsync(Func<Task> call)
    {
        var clock = Stopwatch.StartNew();
        var exception = await Should.ThrowAsync<Exception>(call);
        clock.Elapsed.ShouldBeLessThan(Bound, exception.ToString());
        return exception;
    }

    private async Task<ServiceProvider> ConnectWarmAsync(string settings = "")
    {
        var client = Connect(_ledger.ConnectionString + settings);
        await Sessions(client).WriteAsync(
            (session, token) => session.Context.Ledger.CountAsync(token),
            new DbSessionOptions { AttemptTimeout = TimeSpan.FromSeconds(20), TotalTimeout = TimeSpan.FromSeconds(60) },
            Token);
        return client;
    }

    /// <summary>Lets the server go on and waits until it has ended what was abandoned.</summary>
    private async Task<long> CountAfterThawAsync()
    {
        _server.Resume();
        while (await _server.QueryAsync(
            "SELECT count(*) FROM pg_stat_activity WHERE datname <> 'postgres' AND state <> 'idle'", Token) is not 0L)
        {
            await Task.Delay(20, Token);
        }

        await using var connection = new NpgsqlConnection(_ledger.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        return (long)(await new NpgsqlCommand("SELECT count(*) FROM ledger", connection).ExecuteScalarAsync(Token))!;
    }
}
