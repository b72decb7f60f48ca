using Data.Resilience.Commits;
using Data.Resilience.Connections;
using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;
using Data.Resilience.Tests.Support;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Data.Resilience.Tests.Sessions;

/// <summary>Roles that may not execute what a verification needs, as on managed servers.</summary>
public sealed class UnverifiableMarkTests
{
    private const int Event = 1040;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_IdentityRevoked_GoesOnAndSaysSoOnce()
    {
        using var log = new RecordingLoggerProvider();
        await using var owner = await BankDatabase.CreateAsync();
        var role = await AddRoleAsync(owner, "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
        await using var bank = Connect(role, log);

        for (var write = 0; write < 3; write++)
            await AddAsync(bank);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AddAsync(bank)));

        (await owner.BalanceAsync(1)).ShouldBe(111);
        log.Entries.Count(entry => entry.Id == Event).ShouldBe(1);
        log.Entries.Single(entry => entry.Id == Event).Text.ShouldContain("pg_control_system");
        bank.Keyed<DatabaseNode>().HiddenFunction.ShouldBe("pg_control_system");
        var check = new DbSessionHealthCheck<Bank>(bank.Sessions);
        var health = await check.CheckHealthAsync(
            new HealthCheckContext { Registration = new HealthCheckRegistration("database", check, HealthStatus.Degraded, tags: null) },
            Token);
        health.Status.ShouldBe(HealthStatus.Healthy);
        health.Data["unverifiableCommits"].ToString().ShouldNotBeNull().ShouldContain("pg_control_system");
    }

    [Theory]
    [InlineData("pg_control_system()")]
    [InlineData("pg_control_checkpoint()")]
    [InlineData("pg_stat_get_bgwriter_stat_reset_time()")]
    public async Task WriteAsync_FunctionRevokedAndTheAnswerLost_IsAmbiguousAtOnce(string function)
    {
        using var log = new RecordingLoggerProvider();
        await using var owner = await BankDatabase.CreateAsync();
        var role = await AddRoleAsync(owner, $"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC");
        await using var proxy = await FaultProxy.StartAsync(await SharedServers.PostgresAsync());
        await using var bank = Connect(
            new NpgsqlConnectionStringBuilder(role)
            {
                Port = proxy.Port,
                SslMode = SslMode.Disable,
                GssEncryptionMode = GssEncryptionMode.Disable,
            }.ConnectionString,
            log,
            options =>
            {
                options.Retry.TotalTimeout = TimeSpan.FromMinutes(5);
                options.Retry.CommitVerificationTimeout = TimeSpan.FromMinutes(5);
            });
        await AddAsync(bank);
        var cuts = 1;
        proxy.Inspect = chunk =>
        {
            var isCommit = chunk.Direction == Direction.ToServer && chunk.Contains("COMMIT\0"u8);
            return isCommit && Interlocked.Decrement(ref cuts) >= 0 ? ChunkVerdict.CutAfter : ChunkVerdict.Forward;
        };

        // Asking for the five minutes would be in vain.
        var error = await Should.ThrowAsync<AmbiguousCommitException>(AddAsync(bank).WaitAsync(TimeSpan.FromMinutes(1), Token));

        error.Outcome.ShouldBe(CommitOutcome.Unknown);
        error.Message.ShouldContain(function.TrimEnd('(', ')'));
        error.TransactionId.ShouldNotBeNull();
        log.Entries.Count(entry => entry.Id == Event).ShouldBe(1);
        await AddAsync(bank);
        (await owner.BalanceAsync(1)).ShouldBeInRange(102, 103);
    }

    [Fact]
    public async Task WriteAsync_SomethingElseInThePrologueIsDenied_FailsAndHidesNothing()
    {
        using var log = new RecordingLoggerProvider();
        await using var owner = await BankDatabase.CreateAsync();
        var role = await AddRoleAsync(owner, "REVOKE EXECUTE ON FUNCTION set_config(text, text, boolean) FROM PUBLIC");
        await using var bank = Connect(
            role,
            log,
            build: static builder => builder.AddTenancy(static tenancy => tenancy.CheckRoleAtStart = false));

        using (TenantScope.Begin("a"))
            (await Should.ThrowAsync<PostgresException>(AddAsync(bank))).SqlState.ShouldBe("42501");

        bank.Keyed<DatabaseNode>().HiddenFunction.ShouldBeNull();
        log.Entries.ShouldNotContain(entry => entry.Id == Event);
    }

    private static Task<int> AddAsync(BankDatabase bank) => bank.Sessions.WriteAsync(
        (session, token) => session.Context.Database.ExecuteSqlAsync($"UPDATE accounts SET balance = balance + 1 WHERE id = 1", token),
        cancellationToken: Token).AsTask();

    private static BankDatabase Connect(
        string connectionString,
        RecordingLoggerProvider log,
        Action<DataResilienceOptions>? configure = null,
        Action<DataResilienceBuilder<Bank>>? build = null) => BankDatabase.Connect(
            connectionString,
            configure,
            builder =>
            {
                builder.Services.AddLogging(logging => logging.AddProvider(log));
                build?.Invoke(builder);
            });

    /// <summary>Makes a role that is no superuser, and takes a right from it.</summary>
    private static async Task<string> AddRoleAsync(BankDatabase owner, string sql)
    {
        var role = "role_" + Guid.NewGuid().ToString("N");
        await using var connection = new NpgsqlConnection(owner.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(
            $"CREATE ROLE {role} LOGIN PASSWORD 'secret'; GRANT ALL ON accounts TO {role}; {sql}",
            connection);
        await command.ExecuteNonQueryAsync(Token);
        return new NpgsqlConnectionStringBuilder(owner.ConnectionString) { Username = role, Password = "secret" }.ConnectionString;
    }
}
