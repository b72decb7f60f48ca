using Data.Resilience.Migrations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Resilience.Tests.Migrations;

/// <summary>Data that is added after the migrations.</summary>
public sealed class SeedTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UpAsync_ManyInstancesAtOnce_SeedOneAfterTheOther(bool hasStrategy)
    {
        var connectionString = await TestDatabase.CreateAsync();
        var running = 0;
        var most = 0;
        var runs = 0;
        var hosts = Enumerable.Range(0, 4).Select(_ => Host(connectionString, hasStrategy, async (_, context, token) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            runs++;
            if (!await context.Set<Account>().AnyAsync(token))
                context.Add(new Account { Name = "first" });
            await context.SaveChangesAsync(token);
            Interlocked.Decrement(ref running);
        })).ToList();

        await Task.WhenAll(hosts.Select(host => Runner(host).UpAsync(cancellationToken: Token)));

        (runs, most).ShouldBe((4, 1));
        (await CountAsync(connectionString)).ShouldBe(1);
        foreach (var host in hosts)
            await host.DisposeAsync();
    }

    [Fact]
    public async Task UpAsync_SeedThrows_RollsItBackAndKeepsTheMigrations()
    {
        var connectionString = await TestDatabase.CreateAsync();
        await using var host = Host(connectionString, hasStrategy: false, async (_, context, token) =>
        {
            context.Add(new Account { Name = "half" });
            await context.SaveChangesAsync(token);
            throw new IOException("The file is missing.");
        });

        await Should.ThrowAsync<IOException>(() => Runner(host).UpAsync(cancellationToken: Token));

        (await CountAsync(connectionString)).ShouldBe(0);
        (await Runner(host).GetPendingAsync(Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task UpAsync_NothingPending_SeedsInOrderAndNotForATarget()
    {
        var connectionString = await TestDatabase.CreateAsync();
        var names = new List<string>();
        await using var host = Host(
            connectionString,
            hasStrategy: false,
            (services, _, _) => Note(services.GetRequiredService<Dictionary<string, string>>()["name"]),
            (_, _, _) => Note("second"));

        await Runner(host).UpAsync("CreateAccounts", Token);
        names.ShouldBeEmpty();
        await Runner(host).UpAsync(cancellationToken: Token);
        await Runner(host).UpAsync(cancellationToken: Token);
        await Runner(host).DownAsync("0", Token);

        names.ShouldBe(["scoped", "second", "scoped", "second"]);

        Task Note(string name)
        {
            names.Add(name);
            return Task.CompletedTask;
        }
    }

    private static IMigrationRunner<LedgerContext> Runner(ServiceProvider host) =>
        host.GetRequiredService<IMigrationRunner<LedgerContext>>();

    private static ServiceProvider Host(
        string connectionString, bool hasStrategy, params Func<IServiceProvider, LedgerContext, CancellationToken, Task>[] seeds)
    {
        var services = new ServiceCollection();
        services.AddScoped(_ => new Dictionary<string, string>(StringComparer.Ordinal) { ["name"] = "scoped" });
        var builder = services.AddDataResilience<LedgerContext>(o => o.ConnectionString = connectionString).AddMigrations();
        if (hasStrategy)
            builder.ConfigureContext((_, options) => options.UseDataResilience());
        foreach (var seed in seeds)
            builder.AddSeed(seed);
        return services.BuildServiceProvider(validateScopes: true);
    }

    private static async Task<long> CountAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand("SELECT count(*) FROM accounts", connection);
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }
}
