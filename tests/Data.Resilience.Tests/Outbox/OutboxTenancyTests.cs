using Data.Resilience.Inbox;
using Data.Resilience.Outbox;
using Data.Resilience.Sessions;
using Data.Resilience.Tenancy;
using Data.TestServers;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Data.Resilience.Tests.Outbox;

/// <summary>Outbox and inbox of tenants: one role writes and accepts, another dispatches.</summary>
public sealed class OutboxTenancyTests : IAsyncLifetime
{
    private ServiceProvider? _services;
    private string _owner = "", _application = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IDbSessionFactory<NotesContext> Sessions => _services!.GetRequiredService<IDbSessionFactory<NotesContext>>();

    private TenantPublisher Publisher => _services!.GetRequiredService<TenantPublisher>();

    public async ValueTask InitializeAsync()
    {
        _owner = await TestDatabase.CreateAsync();
        var migration = new MigrationBuilder("Npgsql.EntityFrameworkCore.PostgreSQL");
        migration.CreateOutbox("ours", "events", lanes: 3);
        migration.CreateInbox("ours", "accepted");
        migration.GrantOutboxWrite("outbox_app", "ours", "events");
        migration.GrantOutboxDispatch("outbox_dispatch", "ours", "events");
        migration.GrantInbox("outbox_app", "ours", "accepted");
        await ExecuteAsync(
            _owner,
            """
            DO $$ BEGIN CREATE ROLE outbox_app LOGIN PASSWORD 'app';
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
            DO $$ BEGIN CREATE ROLE outbox_dispatch LOGIN PASSWORD 'app';
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
            CREATE SCHEMA ours;
            """
            + string.Concat(migration.Operations.Cast<SqlOperation>().Select(operation => operation.Sql)));
        _application = As("outbox_app");

        var services = new ServiceCollection();
        services.AddSingleton<TenantPublisher>();
        services.AddDataResilience<NotesContext>(options => options.ConnectionString = _application)
            .AddTenancy()
            .AddInbox(options => (options.Schema, options.Table) = ("ours", "accepted"))
            .AddOutbox<TenantPublisher>(options =>
            {
                (options.Schema, options.Name) = ("ours", "events");
                options.ConnectionString = As("outbox_dispatch");
                options.PollInterval = TimeSpan.FromMilliseconds(100);
            });
        _services = services.BuildServiceProvider();

        string As(string role) => new NpgsqlConnectionStringBuilder(_owner) { Username = role, Password = "app" }.ConnectionString;
    }

    public ValueTask DisposeAsync() => _services!.DisposeAsync();

    [Fact]
    public async Task Dispatch_MessagesOfSeveralTenants_ArePublishedAsTheirTenant()
    {
        foreach (var tenant in (string?[])["a", "b", null])
            await AddAsync(tenant);
        foreach (var service in _services!.GetServices<IHostedService>())
            await service.StartAsync(Token);

        await Eventually.BeAsync(() => Publisher.Seen.Count == 3);
        Publisher.Seen.Order().ShouldBe([(null, null), ("a", "a"), ("b", "b")]);
    }

    [Fact]
    public async Task Add_SameKeyOfTwoTenants_WaitsForNoOtherTenant()
    {
        await using var holder = new NpgsqlConnection(_owner + ";Pooling=false");
        await holder.OpenAsync(Token);
        await using var transaction = await holder.BeginTransactionAsync(Token);
        await using var command = new NpgsqlCommand(
            $"SELECT pg_advisory_xact_lock({OutboxStatements.LockSpace}, {KeyHash.Of("a", "key")})", holder);
        await command.ExecuteNonQueryAsync(Token);

        var waiting = AddAsync("a");
        await AddAsync("b");
        await Eventually.BeAsync(async () =>
        {
            await using var locks = new NpgsqlCommand(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
                + "(SELECT oid FROM pg_database WHERE datname = current_database())",
                holder);
            return (long)(await locks.ExecuteScalarAsync(Token))! == 1;
        });
        waiting.IsCompleted.ShouldBeFalse("the key of tenant a is locked");
        await transaction.RollbackAsync(Token);
        await waiting;
    }

    [Fact]
    public async Task GrantOutboxWrite_Role_ReadsNoMessagesAndWritesForNoOtherTenant()
    {
        await AddAsync("a");

        (await Should.ThrowAsync<PostgresException>(ExecuteAsync(_application, "SELECT * FROM ours.events_messages")))
            .SqlState.ShouldBe("42501");
        (await Should.ThrowAsync<PostgresException>(ExecuteAsync(
            _application,
            "INSERT INTO ours.events_messages (message_id, hash, topic, payload, tenant_id) VALUES (gen_random_uuid(), 1, 't', '', 'b')")))
            .SqlState.ShouldBe("42501");
        (await Should.ThrowAsync<PostgresException>(ExecuteAsync(_application, "DELETE FROM ours.events_messages"))).SqlState
            .ShouldBe("42501");
    }

    [Fact]
    public async Task TryAcceptAsync_SameMessageOfTwoTenants_IsAcceptedByBoth()
    {
        (await AcceptAsync("a")).ShouldBeTrue();
        (await AcceptAsync("b")).ShouldBeTrue();
        (await AcceptAsync("a")).ShouldBeFalse();
        (await _services!.GetRequiredService<IInboxRetention<NotesContext>>().CleanUpAsync(Token)).ShouldBe(0);
    }

    private async Task AddAsync(string? tenant)
    {
        using (tenant is null ? TenantScope.Suppress() : TenantScope.Begin(tenant))
        {
            await Sessions.WriteAsync(
                (session, _) => Task.FromResult(session.Outbox.Add("topic", "key", default)),
                cancellationToken: Token);
        }
    }

    private async Task<bool> AcceptAsync(string tenant)
    {
        using (TenantScope.Begin(tenant))
            return await Sessions.WriteAsync((s, ct) => s.Inbox.TryAcceptAsync("consumer", "m1", ct), cancellationToken: Token);
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    private sealed class TenantPublisher : IOutboxPublisher
    {
        public System.Collections.Concurrent.ConcurrentBag<(string? Message, string? Scope)> Seen { get; } = [];

        public Task PublishAsync(OutboxMessage message, CancellationToken cancellationToken)
        {
            Seen.Add((message.TenantId, TenantScope.Current));
            return Task.CompletedTask;
        }
    }
}
