using Data.Resilience.Inbox;
using Data.Resilience.Outbox;
using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;
using Data.TestServers;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Data.Resilience.Tests.Outbox;

/// <summary>Every shard has an outbox of its own, and one process dispatches them all.</summary>
public sealed class OutboxShardTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dispatch_MessagesOnSeveralShards_ArePublishedAndCounted()
    {
        await using var services = await RegisterAsync(_ => { });
        var sessions = services.GetRequiredService<IDbSessionFactory<NotesContext>>();
        foreach (var tenant in (string[])["x", "y"])
        {
            using (TenantScope.Begin(tenant))
            {
                await sessions.WriteAsync(
                    (session, _) => Task.FromResult(session.Outbox.Add("topic", "key", default)),
                    cancellationToken: Token);
            }
        }

        var outbox = services.GetRequiredService<IOutbox<NotesContext>>();
        (await outbox.GetStatusAsync(Token)).Depth.ShouldBe(2);
        var dispatchers = services.GetRequiredKeyedService<OutboxDispatchers>(typeof(NotesContext));
        dispatchers.Start();
        var publisher = services.GetRequiredService<RecordingPublisher>();
        await Eventually.BeAsync(() => publisher.Published.Count == 2);
        publisher.Published.Select(message => message.TenantId).Order().ShouldBe(["x", "y"]);
        await dispatchers.StopAsync(Token);
        (await outbox.GetStatusAsync(Token)).Depth.ShouldBe(0);
        (await services.GetRequiredService<IInboxRetention<NotesContext>>().CleanUpAsync(Token)).ShouldBe(0);
    }

    [Fact]
    public async Task AddOutbox_ConnectionStringOfOneDatabaseWithShards_IsRefused()
    {
        await using var services = await RegisterAsync(options => options.ConnectionString = "Host=elsewhere");
        Should.Throw<InvalidOperationException>(services.GetRequiredService<IOutbox<NotesContext>>).Message.ShouldContain("shards");
    }

    private static async Task<ServiceProvider> RegisterAsync(Action<OutboxOptions> configure)
    {
        string[] databases = [await CreateAsync(), await CreateAsync(), await CreateAsync()];
        var services = new ServiceCollection();
        services.AddSingleton<RecordingPublisher>();
        services.AddDataResilience<NotesContext>(options => options.ConnectionString = databases[0])
            .AddTenancy()
            .AddShards(options =>
            {
                (options.ConnectionStrings["one"], options.ConnectionStrings["two"]) = (databases[1], databases[2]);
                (options.Pins["x"], options.Pins["y"]) = ("one", "two");
            })
            .AddInbox()
            .AddOutbox<RecordingPublisher>(configure);
        return services.BuildServiceProvider();
    }

    private static async Task<string> CreateAsync()
    {
        var connectionString = await TestDatabase.CreateAsync();
        var migration = new MigrationBuilder("Npgsql.EntityFrameworkCore.PostgreSQL");
        migration.CreateOutbox();
        migration.CreateInbox();
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(
            string.Concat(migration.Operations.Cast<SqlOperation>().Select(operation => operation.Sql)), connection);
        await command.ExecuteNonQueryAsync(Token);
        return connectionString;
    }
}
