using Data.Resilience.Transience;
using Data.TestServers;
using Npgsql;

namespace Data.Resilience.Tests.Transience;

/// <summary>What PgBouncer really sends, and what that means.</summary>
public sealed class PoolerErrorsTests : IAsyncLifetime
{
    private PostgresServer _server = null!;
    private PgBouncerServer _bouncer = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartAsync(cancellationToken: Token);
        _bouncer = await PgBouncerServer.StartAsync(
            _server,
            new PgBouncerServerOptions { PoolSize = 1, Settings = { ["query_wait_timeout"] = "1" } },
            Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _bouncer.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("Database=absent")]
    [InlineData("Password=wrong")]
    [InlineData("Username=nobody")]
    [InlineData("Options=-c geqo=off")]
    public async Task Classify_LoginRefusedForGood_IsPermanent(string setting)
    {
        var error = await Should.ThrowAsync<PostgresException>(OpenAsync(_bouncer.ConnectionString + ";" + setting));

        TestContext.Current.TestOutputHelper?.WriteLine(error.Message);
        if (error.SqlState == "08P01")
            PoolerErrors.IsOfPooler(error).ShouldBeTrue();
        FailureClassifier.Judge(error, SessionPhase.Open, connectionBroken: false).ShouldBe(FailureVerdict.Never);
    }

    [Fact]
    public async Task Classify_UnknownDatabaseWhereAnyoneMayLogIn_IsPermanent()
    {
        await using var open = await PgBouncerServer.StartAsync(
            _server, new PgBouncerServerOptions { Settings = { ["auth_type"] = "any" } }, Token);
        var error = await Should.ThrowAsync<PostgresException>(OpenAsync(open.ConnectionString + ";Database=absent"));

        TestContext.Current.TestOutputHelper?.WriteLine(error.Message);
        FailureClassifier.Judge(error, SessionPhase.Open, connectionBroken: false).ShouldBe(FailureVerdict.Never);
    }

    [Theory]
    [InlineData("bouncer config error")]
    [InlineData("login rejected")]
    [InlineData("unix socket login rejected")]
    [InlineData("SSL required")]
    [InlineData("TLS connection required")]
    [InlineData("TLS client certificate required")]
    [InlineData("certificate authentication failed")]
    [InlineData("PAM authentication failed")]
    [InlineData("\"trust\" authentication failed")]
    public void Classify_TextOfAnotherRefusal_IsPermanent(string text) =>
        PoolerErrors.Classify(new PostgresException(text, "FATAL", "FATAL", "08P01")).ShouldBe(FailureClass.Permanent);

    [Theory]
    [InlineData("server login has been failing, try again later (server_login_retry)")]
    [InlineData("client_login_timeout (server down)")]
    [InlineData("no more connections allowed (max_client_conn)")]
    [InlineData("pgbouncer is shutting down")]
    public void Classify_TextThatPasses_IsALostSession(string text) =>
        PoolerErrors.Classify(new PostgresException(text, "FATAL", "FATAL", "08P01")).ShouldBe(FailureClass.SessionLost);

    [Fact]
    public async Task Classify_NoServerConnectionInTime_IsALostSession()
    {
        await using var holder = await OpenAsync(_bouncer.ConnectionString);
        await using var transaction = await holder.BeginTransactionAsync(Token);
        await ExecuteAsync(holder, "SELECT 1");

        // Type loading is the first query, so this is an open that fails.
        ShouldBeLost(await Should.ThrowAsync<PostgresException>(OpenAsync(_bouncer.ConnectionString + ";Application Name=other")));
    }

    [Theory]
    [InlineData("SELECT 1 UNION ALL SELECT 2 FROM pg_sleep(20)", 0)]
    [InlineData("SELECT repeat('x', 1000), generate_series(1, 100000000)", 1)]
    [InlineData("SELECT repeat('x', 1000), generate_series(1, 100000000)", 1000)]
    public async Task Classify_ServerKilledDuringAStatement_IsALostSession(string sql, int rows)
    {
        await using var connection = await OpenAsync(_bouncer.ConnectionString);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        await ExecuteAsync(connection, "SELECT 1");
        var underWay = new TaskCompletionSource();
        var running = ReadAllAsync(connection, sql, rows, underWay);
        await underWay.Task;
        await _server.KillAsync();
        // The error can be written into the middle of a row: the driver then reads whatever it makes of that.
        var error = await Should.ThrowAsync<Exception>(running);

        TestContext.Current.TestOutputHelper?.WriteLine(error.GetType() + " " + error.Message);
        FailureClassifier.IsBroken(connection).ShouldBeTrue();
        FailureClassifier.DriverFailureOf(error, connectionBroken: true).ShouldNotBeNull();
        FailureClassifier.Judge(error, SessionPhase.Execute, connectionBroken: true).ShouldBe(FailureVerdict.RetryLostSession);
        FailureClassifier.Judge(error, SessionPhase.Commit, connectionBroken: true).ShouldBe(FailureVerdict.Ambiguous);
        ShouldBeLost(await Should.ThrowAsync<PostgresException>(OpenAsync(_bouncer.ConnectionString + ";Application Name=late")));
    }

    [Fact]
    public async Task Classify_PoolerStoppedDuringAStatement_IsALostSession()
    {
        await using var connection = await OpenAsync(_bouncer.ConnectionString);
        var underWay = new TaskCompletionSource();
        var running = ReadAllAsync(connection, "SELECT pg_sleep(20)", after: 0, underWay);
        await underWay.Task;
        await _bouncer.StopAsync();
        var error = await Should.ThrowAsync<NpgsqlException>(running);

        TestContext.Current.TestOutputHelper?.WriteLine(error.Message);
        FailureClassifier.Judge(error, SessionPhase.Execute, connectionBroken: true).ShouldBe(FailureVerdict.RetryLostSession);
    }

    [Fact]
    public void Judge_WrongBindMessageAtPostgresItself_IsPermanent()
    {
        // The client's own mistake has the same code as an ERROR.
        var error = new PostgresException("bind message supplies 1 parameters", "ERROR", "ERROR", "08P01");

        PoolerErrors.IsOfPooler(error).ShouldBeFalse();
        foreach (var phase in Enum.GetValues<SessionPhase>())
            FailureClassifier.Judge(error, phase, connectionBroken: true).ShouldBe(FailureVerdict.Never);
    }

    private static void ShouldBeLost(PostgresException error)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(error.Message);
        PoolerErrors.IsOfPooler(error).ShouldBeTrue();
        FailureClassifier.Judge(error, SessionPhase.Open, connectionBroken: false).ShouldBe(FailureVerdict.RetryNothingRan);
        FailureClassifier.Judge(error, SessionPhase.Execute, connectionBroken: true).ShouldBe(FailureVerdict.RetryLostSession);
        FailureClassifier.Judge(error, SessionPhase.Commit, connectionBroken: true).ShouldBe(FailureVerdict.Ambiguous);
        FailureClassifier.Judge(error, SessionPhase.CommitRead, connectionBroken: true).ShouldBe(FailureVerdict.RetryLostSession);
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        try
        {
            await connection.OpenAsync(Token);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task ReadAllAsync(NpgsqlConnection connection, string sql, int after, TaskCompletionSource underWay)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        var sending = command.ExecuteReaderAsync(Token);
        if (after == 0)
            underWay.SetResult();
        await using var reader = await sending;
        for (var row = 1; await reader.ReadAsync(Token); row++)
        {
            reader.GetValue(0);
            if (row == after)
                underWay.SetResult();
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }
}
