using Data.Resilience.CircuitBreaking;
using Data.Resilience.Sessions;
using Data.Resilience.Tests.Support;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Resilience.Tests.ExecutionStrategies;

/// <summary>The strategy of a context that has sessions, too.</summary>
public sealed class SharedStrategyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("configured")]
    [InlineData("pooled")]
    [InlineData("scoped")]
    public async Task Inject_BesideSessions_SharesTheirCircuit(string registration)
    {
        await using var bank = await BankDatabase.CreateAsync();
        await using var provider = Register(bank.ConnectionString, registration);
        var circuit = provider.GetRequiredKeyedService<IDatabaseCircuit>(typeof(Bank));
        await using var scope = provider.CreateAsyncScope();
        await using var context = scope.ServiceProvider.GetRequiredService<Bank>();
        (await context.Accounts.CountAsync(Token)).ShouldBe(10);

        await circuit.IsolateAsync(Token);

        (await Should.ThrowAsync<DbSessionRejectedException>(() => context.Accounts.CountAsync(Token))).Node.ShouldBe("Bank");
    }

    [Fact]
    public async Task Session_ContextWithStrategy_CommitsOnceAndStreams()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await using var provider = Register(bank.ConnectionString, "configured");
        var sessions = provider.GetRequiredService<IDbSessionFactory<Bank>>();

        var (retries, count) = await sessions.WriteAsync(
            async (session, token) =>
            {
                session.Context.Add(new Account { Owner = "new" });
                await session.Context.SaveChangesAsync(token);
                await session.Context.Accounts.Where(account => account.Id == 1)
                    .ExecuteUpdateAsync(set => set.SetProperty(account => account.Balance, 5), token);
                var strategy = session.Context.Database.CreateExecutionStrategy();
                return (strategy.RetriesOnFailure, await session.Context.Accounts.CountAsync(token));
            },
            cancellationToken: Token);

        retries.ShouldBeFalse();
        count.ShouldBe(11);
        (await bank.BalanceAsync(1)).ShouldBe(5);
    }

    [Fact]
    public async Task Inject_InsideADelegateOfAnotherSession_KeepsItsRetries()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await using var proxy = await FaultProxy.StartAsync(await SharedServers.PostgresAsync());
        var settings = new NpgsqlConnectionStringBuilder(bank.ConnectionString) { Host = proxy.Host, Port = proxy.Port };
        await using var provider = Register(settings.ConnectionString, "configured");
        await using var scope = provider.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<Bank>();
        await context.Accounts.CountAsync(Token);
        var runs = 0;

        var count = await bank.Sessions.ReadAsync(
            async (_, token) =>
            {
                runs++;
                proxy.ResetAll();
                return await context.Accounts.CountAsync(token);
            },
            cancellationToken: Token);

        count.ShouldBe(10);
        runs.ShouldBe(1);
    }

    [Theory]
    [InlineData("query")]
    [InlineData("save")]
    [InlineData("strategy")]
    [InlineData("transaction")]
    [InlineData("bulk")]
    public async Task Inject_FirstUsedInsideAnotherSession_Works(string use)
    {
        await using var bank = await BankDatabase.CreateAsync();
        await using var provider = Register(bank.ConnectionString, "scoped");
        await using var scope = provider.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<Bank>();

        var retries = await bank.Sessions.ReadAsync(
            async (_, token) =>
            {
                switch (use)
                {
                    case "query":
                        await context.Accounts.CountAsync(token);
                        break;
                    case "save":
                        context.Add(new Account { Owner = "new" });
                        await context.SaveChangesAsync(token);
                        break;
                    case "transaction":
                        await context.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
                        {
                            await using var transaction = await context.Database.BeginTransactionAsync(token);
                            await transaction.CommitAsync(token);
                        });
                        break;
                    case "bulk":
                        await context.Accounts.Where(account => account.Id == 1).ExecuteDeleteAsync(token);
                        break;
                    default:
                        break;
                }

                return context.Database.CreateExecutionStrategy().RetriesOnFailure;
            },
            cancellationToken: Token);

        retries.ShouldBeTrue();
    }

    [Fact]
    public async Task Inject_FirstUsedOnTheConnectionOfASession_JoinsTheSession()
    {
        await using var bank = await BankDatabase.CreateAsync();
        await using var provider = Register(bank.ConnectionString, "scoped");
        await using var scope = provider.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<Bank>();

        var retries = await bank.Sessions.WriteAsync(
            async (session, token) =>
            {
                context.Database.SetDbConnection(session.Connection);
                context.Add(new Account { Owner = "new" });
                await context.SaveChangesAsync(token);
                return context.Database.CreateExecutionStrategy().RetriesOnFailure;
            },
            cancellationToken: Token);

        retries.ShouldBeFalse();
        (await bank.ScalarAsync<long>("SELECT count(*) FROM accounts")).ShouldBe(11);
    }

    private static ServiceProvider Register(string connectionString, string registration)
    {
        var services = new ServiceCollection();
        var builder = services.AddDataResilience<Bank>(options => options.ConnectionString = connectionString);
        if (registration == "configured")
            builder.ConfigureContext((_, options) => options.UseDataResilience());
        else if (registration == "pooled")
            services.AddDbContextPool<Bank>(options => options.UseNpgsql(connectionString).UseDataResilience());
        else
            services.AddDbContext<Bank>(options => options.UseNpgsql(connectionString).UseDataResilience());

        // EF's scoped registration is refused by the validation of scopes beside any factory, with or without sessions.
        return services.BuildServiceProvider(validateScopes: registration != "scoped");
    }
}
