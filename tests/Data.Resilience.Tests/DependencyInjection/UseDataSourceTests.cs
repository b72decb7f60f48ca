using Data.Resilience.Connections;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Data.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Data.Resilience.Tests.DependencyInjection;

public sealed class UseDataSourceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(true, "bank")]
    public async Task UseDataSource_OwnDataSource_ServesSessionsAndIsNotDisposed(bool isRegistered, string? key)
    {
        await using var bank = await BankDatabase.CreateAsync();
        await using var dataSource = NpgsqlDataSource.Create(bank.ConnectionString);
        var services = new ServiceCollection();
        if (isRegistered)
            services.AddKeyedSingleton(key, dataSource);
        var builder = services.AddDataResilience<Bank>(_ => { });
        _ = isRegistered ? builder.UseDataSource(key) : builder.UseDataSource(_ => dataSource);
        await using (var provider = services.BuildServiceProvider(validateScopes: true))
        {
            var sessions = provider.GetRequiredService<IDbSessionFactory<Bank>>();
            await sessions.WriteAsync(
                async (session, token) =>
                {
                    session.Context.Add(new Account { Owner = "new" });
                    await session.Context.SaveChangesAsync(token);
                },
                cancellationToken: Token);
            provider.GetRequiredKeyedService<DatabaseNode>(typeof(Bank)).DataSource.ShouldBeSameAs(dataSource);
        }

        (await bank.ScalarAsync<long>("SELECT count(*) FROM accounts WHERE owner = 'new'")).ShouldBe(1);
        if (!isRegistered)
            await (await dataSource.OpenConnectionAsync(Token)).DisposeAsync();
    }

    [Fact]
    public async Task UseDataSource_NoneRegistered_NamesTheRemedy()
    {
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(_ => { }).UseDataSource("orders");
        await using var provider = services.BuildServiceProvider();

        var refusal = Should.Throw<InvalidOperationException>(() => provider.GetRequiredService<IDbSessionFactory<Bank>>());

        refusal.Message.ShouldContain("AddNpgsqlDataSource");
        refusal.Message.ShouldContain("orders");
    }

    [Fact]
    public async Task UseDataSource_BesideAConnectionString_IsRefused()
    {
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(options => options.ConnectionString = "Host=db").UseDataSource();
        await using var provider = services.BuildServiceProvider();

        Should.Throw<OptionsValidationException>(() => provider.GetRequiredService<IDbSessionFactory<Bank>>())
            .Message.ShouldContain("UseDataSource");
    }

    [Theory]
    [InlineData("SSL Mode=Require", "SSL Mode=VerifyFull")]
    [InlineData("SSL Mode=VerifyFull;Multiplexing=true", "Multiplexing")]
    public async Task UseDataSource_UnfitDataSource_IsRefused(string settings, string expected)
    {
        await using var dataSource = NpgsqlDataSource.Create($"Host=db;Password=hidden;{settings}");
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(options => options.RequireVerifiedTls = true).UseDataSource(_ => dataSource);
        await using var provider = services.BuildServiceProvider();

        var message = Should.Throw<InvalidOperationException>(() => provider.GetRequiredService<IDbSessionFactory<Bank>>()).Message;

        message.ShouldContain(expected);
        message.ShouldNotContain("hidden");
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(15, false)]
    [InlineData(16, true)]
    public async Task UseDataSource_CommandTimeoutBeyondTheAttempt_IsWarnedOf(int commandTimeout, bool warns)
    {
        await using var dataSource = NpgsqlDataSource.Create($"Host=db;Command Timeout={commandTimeout}");
        using var log = new RecordingLoggerProvider();
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(log));
        services.AddDataResilience<Bank>(_ => { }).UseDataSource(_ => dataSource);
        await using var provider = services.BuildServiceProvider();

        provider.GetRequiredService<IDbSessionFactory<Bank>>();

        log.Entries.Any(entry => entry.Id == 1900).ShouldBe(warns);
    }

    [Fact]
    public async Task UseDataSource_SeveralHosts_FindsThePrimary()
    {
        await using var bank = await BankDatabase.CreateAsync();
        var settings = new NpgsqlConnectionStringBuilder(bank.ConnectionString) { TargetSessionAttributes = "primary" };
        settings.Host = $"127.0.0.1:1,{settings.Host}:{settings.Port}";
        await using var dataSource = new NpgsqlDataSourceBuilder(settings.ConnectionString).BuildMultiHost();
        var services = new ServiceCollection();
        services.AddDataResilience<Bank>(_ => { }).UseDataSource(_ => dataSource);
        await using var provider = services.BuildServiceProvider();

        (await provider.GetRequiredService<IDbSessionFactory<Bank>>().WriteRawAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand("SELECT count(*) FROM accounts", connection);
                return (long)(await command.ExecuteScalarAsync(token))!;
            },
            cancellationToken: Token)).ShouldBe(10);
    }

    [Fact]
    public void ConnectionString_Null_IsMissing()
    {
        var options = new DataResilienceOptions { ConnectionString = null };

        options.ConnectionString.ShouldBe("");
        new DataResilienceOptionsValidator().Validate(name: null, options).FailureMessage!.ShouldContain("GetConnectionString");
    }
}
