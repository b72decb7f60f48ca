using Data.Resilience.Commits;
using Data.Resilience.Outbox;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Tests.Outbox;

/// <summary>Messages behind a savepoint that the session did not make are not sent when the transaction goes back to it.</summary>
public sealed class ForeignSavepointTests
{
    private static readonly Dictionary<string, Savepoints> Ways = new(StringComparer.Ordinal)
    {
        ["ef"] = new(
            static (s, name) => s.Context.Database.CurrentTransaction!.CreateSavepointAsync(name, Token),
            static (s, name) => s.Context.Database.CurrentTransaction!.RollbackToSavepointAsync(name, Token),
            static (s, name) => s.Context.Database.CurrentTransaction!.ReleaseSavepointAsync(name, Token)),
        ["ef without async"] = new(
            static (s, name) => Run(() => s.Context.Database.CurrentTransaction!.CreateSavepoint(name)),
            static (s, name) => Run(() => s.Context.Database.CurrentTransaction!.RollbackToSavepoint(name)),
            static (s, name) => Run(() => s.Context.Database.CurrentTransaction!.ReleaseSavepoint(name))),
        ["driver"] = new(
            static (s, name) => s.Transaction!.SaveAsync(name, Token),
            static (s, name) => s.Transaction!.RollbackAsync(name, Token),
            static (s, name) => s.Transaction!.ReleaseAsync(name, Token)),
#pragma warning disable EF1002 // The names are the test's.
        ["sql of ef"] = new(
            static (s, name) => s.Context.Database.ExecuteSqlRawAsync($"SAVEPOINT {name}", Token),
            static (s, name) => s.Context.Database.ExecuteSqlRawAsync($"rollback to savepoint {name}", Token),
            static (s, name) => s.Context.Database.ExecuteSqlRawAsync($"RELEASE {name}", Token)),
#pragma warning restore EF1002
        ["sql"] = new(
            static (s, name) => ExecuteAsync(s, $"SELECT 1; /* one */ savepoint \"{name}\""),
            static (s, name) => ExecuteAsync(s, $"-- back\nROLLBACK WORK TO {name}; SELECT 1"),
            static (s, name) => ExecuteAsync(s, $"release savepoint {name};")),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names() => [.. Ways.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Add_BehindASavepointThatIsRolledBack_IsNotSent(string way)
    {
        await using var host = await OutboxHost.CreateAsync();
        var (create, rollBack, release) = Ways[way];
        await host.Sessions.WriteAsync(
            async (session, _) =>
            {
                Add(session, "before");
                await create(session, "a");
                Add(session, "dropped");
                await create(session, "b");
                Add(session, "dropped");
                await rollBack(session, "a");
                Add(session, "between");
                await create(session, "a");
                Add(session, "dropped");
                await rollBack(session, "a");
                await rollBack(session, "a");
                Add(session, "after");
                await release(session, "a");
                Add(session, "dropped");
                await rollBack(session, "a");
                Add(session, "last");
            },
            cancellationToken: Token);

        // The second "a" hid the first, which its release uncovered.
        (await TopicsAsync(host)).ShouldBe("before,last");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Add_FirstMessageBehindTheSavepoint_IsNotSent(string way)
    {
        await using var host = await OutboxHost.CreateAsync();
        await host.Sessions.WriteAsync(
            async (session, _) =>
            {
                await Ways[way].Create(session, "a");
                Add(session, "dropped");
                await Ways[way].RollBack(session, "a");
            },
            cancellationToken: Token);

        (await TopicsAsync(host)).ShouldBe("");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Add_BehindASavepointThatIsReleased_IsSent(string way)
    {
        await using var host = await OutboxHost.CreateAsync();
        await host.Sessions.WriteAsync(
            async (session, _) =>
            {
                Add(session, "before");
                await Ways[way].Create(session, "a");
                Add(session, "inside");
                await Ways[way].Release(session, "a");
            },
            cancellationToken: Token);

        (await TopicsAsync(host)).ShouldBe("before,inside");
    }

    [Fact]
    public async Task Add_SavepointOfACommandThatFailed_IsKnown()
    {
        await using var host = await OutboxHost.CreateAsync();
        await host.Sessions.WriteAsync(
            async (session, _) =>
            {
                Add(session, "before");
                await Should.ThrowAsync<PostgresException>(ExecuteAsync(session, "SAVEPOINT a; SELECT 1 / 0"));
                await ExecuteAsync(session, "ROLLBACK TO a");
            },
            cancellationToken: Token);

        (await TopicsAsync(host)).ShouldBe("before");
    }

    [Fact]
    public async Task Add_RollbackThatWasNotReached_CommitsNothingAndNamesTheRemedy()
    {
        await using var host = await OutboxHost.CreateAsync();
        var runs = 0;
        var error = await Should.ThrowAsync<DbSessionAbortedException>(host.Sessions.WriteAsync(
            async (session, token) =>
            {
                runs++;
                session.Context.Notes.Add(new Note { Text = "a" });
                await session.Context.SaveChangesAsync(token);
                await ExecuteAsync(session, "SAVEPOINT a");
                Add(session, "unknown");
                await ExecuteAsync(session, "SAVEPOINT b");
                await Should.ThrowAsync<PostgresException>(ExecuteAsync(session, "SELECT 1 / 0; ROLLBACK TO a"));
                await ExecuteAsync(session, "ROLLBACK TO b");
            },
            cancellationToken: Token).AsTask());

        error.Message.ShouldContain("SavepointAsync");
        runs.ShouldBe(1);
        (await host.DepthAsync()).ShouldBe(0);
        (await host.ScalarAsync<long>("SELECT count(*) FROM notes")).ShouldBe(0);
    }

    [Fact]
    public async Task Add_SavepointsOfBothKinds_AreKeptApart()
    {
        await using var host = await OutboxHost.CreateAsync();
        await host.Sessions.WriteAsync(
            async (session, token) =>
            {
                Add(session, "before");
                await session.SavepointAsync(
                    async _ =>
                    {
                        Add(session, "inside");
                        await Ways["driver"].Create(session, "a");
                        Add(session, "dropped");
                        await Ways["driver"].RollBack(session, "a");
                        return 0;
                    },
                    token);
                await Should.ThrowAsync<InvalidDataException>(session.SavepointAsync<int>(
                    async _ =>
                    {
                        await Ways["driver"].Create(session, "b");
                        Add(session, "dropped");
                        throw new InvalidDataException();
                    },
                    token));
                Add(session, "after");
            },
            cancellationToken: Token);

        (await TopicsAsync(host)).ShouldBe("after,before,inside");
    }

    private static void Add(IDbSession session, string topic) => session.Outbox.Add(topic, null, default);

    private static Task<string> TopicsAsync(OutboxHost host) =>
        host.ScalarAsync<string>("SELECT coalesce(string_agg(topic, ',' ORDER BY topic), '') FROM outbox_messages");

    private static Task Run(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static async Task ExecuteAsync(IDbSession session, string sql)
    {
        await using var command = new NpgsqlCommand(sql, session.Connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    private sealed record Savepoints(
        Func<IDbSession<NotesContext>, string, Task> Create,
        Func<IDbSession<NotesContext>, string, Task> RollBack,
        Func<IDbSession<NotesContext>, string, Task> Release);
}
