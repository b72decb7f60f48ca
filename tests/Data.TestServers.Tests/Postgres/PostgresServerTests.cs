using Npgsql;

namespace Data.TestServers.Tests.Postgres;

public sealed class PostgresServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KillAsync_ThenStartAgain_KeepsWhatWasCommitted()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Token);
        var port = postgres.Port;
        await postgres.ExecuteAsync("CREATE TABLE kept AS SELECT 7 AS n", Token);
        await using var open = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await open.OpenAsync(Token);

        await postgres.KillAsync();
        await Should.ThrowAsync<NpgsqlException>(() => postgres.QueryAsync("SELECT 1", Token));
        await Should.ThrowAsync<NpgsqlException>(() => new NpgsqlCommand("SELECT 1", open).ExecuteScalarAsync(Token));

        await postgres.StartAgainAsync(Token);
        postgres.Port.ShouldBe(port);
        (await postgres.QueryAsync("SELECT n FROM kept", Token)).ShouldBe(7);
    }

    [Fact]
    public async Task RestartAsync_WithClientsConnected_EndsThemAndServesAgain()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var open = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await open.OpenAsync(Token);
        await postgres.RestartAsync(Token);
        (await postgres.QueryAsync("SELECT 1", Token)).ShouldBe(1);
    }

    [Fact]
    public async Task Freeze_OpenConnection_HangsUntilResume()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var open = new NpgsqlConnection(postgres.ConnectionString + ";Pooling=false");
        await open.OpenAsync(Token);

        postgres.Freeze();
        var query = new NpgsqlCommand("SELECT 5", open).ExecuteScalarAsync(Token);
        (await Task.WhenAny(query, Task.Delay(300, Token))).ShouldNotBe(query);
        postgres.Resume();
        (await query).ShouldBe(5);
    }

    [Fact]
    public async Task Replica_AfterWrites_StreamsAndIsPromoted()
    {
        await using var postgres = await PostgresServer.StartAsync(new PostgresServerOptions { Replica = true }, Token);
        var replica = postgres.Replica.ShouldNotBeNull();
        await postgres.ExecuteAsync("CREATE TABLE streamed AS SELECT generate_series(1, 100) AS n", Token);
        await postgres.WaitForReplayAsync(Token);

        (await replica.QueryAsync("SELECT count(*) FROM streamed", Token)).ShouldBe(100L);
        (await Should.ThrowAsync<PostgresException>(() => replica.ExecuteAsync("DELETE FROM streamed", Token)))
            .SqlState.ShouldBe(PostgresErrorCodes.ReadOnlySqlTransaction);

        await postgres.KillAsync();
        await replica.PromoteAsync(Token);
        await replica.ExecuteAsync("DELETE FROM streamed", Token);
    }

    [Fact]
    public async Task SynchronousReplica_Frozen_HoldsCommitsBack()
    {
        await using var postgres = await PostgresServer.StartAsync(new PostgresServerOptions { SynchronousReplica = true }, Token);
        postgres.Replica!.Freeze();
        var commit = postgres.ExecuteAsync("CREATE TABLE synchronous (n int)", Token);
        (await Task.WhenAny(commit, Task.Delay(300, Token))).ShouldNotBe(commit);
        postgres.Replica.Resume();
        await commit;
    }

    [Fact]
    public async Task StartAsync_WithSettingsAndPassword_UsesThem()
    {
        await using var postgres = await PostgresServer.StartAsync(
            new PostgresServerOptions { Settings = { ["max_connections"] = "23" }, Password = "it's" }, Token);
        postgres.ConnectionString.ShouldContain("it");
        (await postgres.QueryAsync("SHOW max_connections", Token)).ShouldBe("23");

        var wrong = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Password = "its" };
        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        (await Should.ThrowAsync<PostgresException>(() => connection.OpenAsync(Token))).SqlState
            .ShouldBe(PostgresErrorCodes.InvalidPassword);
    }

    [Fact]
    public async Task CreateDatabaseAsync_FromTemplate_CopiesItsTables()
    {
        var postgres = await SharedServers.PostgresAsync();
        var original = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync(cancellationToken: Token));
        await using (var connection = new NpgsqlConnection(original.ConnectionString + ";Pooling=false"))
        {
            await connection.OpenAsync(Token);
            await new NpgsqlCommand("CREATE TABLE t AS SELECT 1 AS n", connection).ExecuteNonQueryAsync(Token);
        }

        await using var copy = new NpgsqlConnection(
            await postgres.CreateDatabaseAsync(template: original.Database, cancellationToken: Token));
        await copy.OpenAsync(Token);
        (await new NpgsqlCommand("SELECT n FROM t", copy).ExecuteScalarAsync(Token)).ShouldBe(1);
    }
}
