using Data.Resilience.Migrations;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Data.Resilience.Tests.Connections;

public sealed class SecureConnectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAsync_PrivateAuthorityNamed_ConnectsOverVerifiedTls()
    {
        await using var server = await PostgresServer.StartAsync(
            new PostgresServerOptions { Tls = new TlsOptions { Required = true } },
            Token);
        var settings = new NpgsqlConnectionStringBuilder(server.ConnectionString)
        {
            SslMode = SslMode.VerifyFull,
            RootCertificate = server.Tls!.AuthorityPath
        };
        await using var bank = BankDatabase.Connect(settings.ConnectionString, options => options.RequireVerifiedTls = true);

        (await AskAsync<bool>(bank, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).ShouldBeTrue();

        // The same server without its authority is not believed.
        settings.RootCertificate = null;
        await using var stranger = BankDatabase.Connect(settings.ConnectionString, options => options.RequireVerifiedTls = true);
        await Should.ThrowAsync<NpgsqlException>(() => AskAsync<bool>(stranger, "SELECT true"));
    }

    [Theory]
    [InlineData(SslMode.Prefer)]
    [InlineData(SslMode.Require)]
    [InlineData(SslMode.VerifyCA)]
    public async Task AddDataResilience_VerifiedTlsRequiredButNotAskedFor_IsRefusedWithTheRemedy(SslMode mode)
    {
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(options =>
        {
            options.ConnectionString = $"Host=db;Password=hidden;SSL Mode={mode}";
            options.RequireVerifiedTls = true;
        });
        await using var provider = services.BuildServiceProvider();

        var message = Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<IDbSessionFactory<Bank>>()).Message;
        message.ShouldContain($"SSL Mode={mode}");
        message.ShouldContain("SSL Mode=VerifyFull");
        message.ShouldNotContain("hidden");
    }

    [Fact]
    public async Task AddDataResilience_SetupWeakensTls_IsRefused()
    {
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(options =>
        {
            options.ConnectionString = "Host=db;SSL Mode=VerifyFull";
            options.RequireVerifiedTls = true;
        }).ConfigureDataSource((_, source) => source.ConnectionStringBuilder.SslMode = SslMode.Prefer);
        await using var provider = services.BuildServiceProvider();

        Should.Throw<InvalidOperationException>(() => provider.GetRequiredService<IDbSessionFactory<Bank>>()).Message
            .ShouldContain("VerifyFull");
    }

    [Theory]
    [InlineData("SSL Mode=Disable", "SSL Mode=VerifyFull")]
    [InlineData("SSL Mode=VerifyFull;Multiplexing=true", "Multiplexing")]
    public async Task AddMigrations_UnfitConnectionOfItsOwn_IsRefusedAtStart(string settings, string expected)
    {
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(options =>
        {
            options.ConnectionString = "Host=db;SSL Mode=VerifyFull";
            options.RequireVerifiedTls = true;
        }).AddMigrations(options => options.ConnectionString = "Host=db;Password=hidden;" + settings);
        await using var provider = services.BuildServiceProvider();

        var message = Should.Throw<InvalidOperationException>(() => provider.GetServices<IHostedService>().ToList()).Message;

        message.ShouldContain("Bank-migrations");
        message.ShouldContain(expected);
        message.ShouldNotContain("hidden");
    }

    [Fact]
    public async Task AddMigrations_VerifiedTlsOfItsOwn_IsAccepted()
    {
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(options =>
        {
            options.ConnectionString = "Host=db;SSL Mode=VerifyFull";
            options.RequireVerifiedTls = true;
        }).AddMigrations(options => options.ConnectionString = "Host=db;SSL Mode=VerifyFull");
        await using var provider = services.BuildServiceProvider();

        provider.GetRequiredService<IMigrationRunner<Bank>>().ShouldNotBeNull();
    }

    [Fact]
    public async Task ConfigureDataSource_Multiplexing_IsRefused()
    {
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(options => options.ConnectionString = "Host=db")
            .ConfigureDataSource((_, source) => source.ConnectionStringBuilder.Multiplexing = true);
        await using var provider = services.BuildServiceProvider();

        Should.Throw<InvalidOperationException>(() => provider.GetRequiredService<IDbSessionFactory<Bank>>()).Message
            .ShouldContain("Multiplexing");
    }

    [Fact]
    public async Task UsePasswordProvider_PasswordChanged_SessionsGoOnWithoutRestart()
    {
        var server = await SharedServers.PostgresAsync();
        var role = "app_" + Guid.NewGuid().ToString("N");
        await server.ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'first'", Token);
        var password = "first";
        var settings = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = role, Password = null };
        await using var bank = BankDatabase.Connect(
            settings.ConnectionString,
            build: builder => builder.UsePasswordProvider(
                (_, _) => ValueTask.FromResult(Volatile.Read(ref password)),
                TimeSpan.FromMilliseconds(50)));
        (await AskAsync<string>(bank, "SELECT current_user::text")).ShouldBe(role);

        await server.ExecuteAsync($"ALTER ROLE {role} PASSWORD 'second'", Token);
        await server.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'", Token);
        (await Should.ThrowAsync<PostgresException>(() => AskAsync<string>(bank, "SELECT current_user::text"))).SqlState.ShouldBe("28P01");

        Volatile.Write(ref password, "second");
        string? user = null;
        for (var wait = 0; user is null && wait < 400; wait++)
        {
            await Task.Delay(25, Token);
            var outcome = await bank.Sessions.TryExecuteAsync(
                DbSessionKind.Read,
                (session, sql, token) => QueryAsync<string>(session, sql, token),
                "SELECT current_user::text",
                cancellationToken: Token);
            user = outcome.Result;
        }

        user.ShouldBe(role);
    }

    private static Task<T> AskAsync<T>(BankDatabase bank, string sql) =>
        bank.Sessions.ExecuteAsync(
            DbSessionKind.Read,
            (session, sql, token) => QueryAsync<T>(session, sql, token),
            sql,
            cancellationToken: Token).AsTask();

    private static async Task<T> QueryAsync<T>(IDbSession session, string sql, CancellationToken token)
    {
        await using var command = new NpgsqlCommand(sql, session.Connection);
        return (T)(await command.ExecuteScalarAsync(token))!;
    }
}
