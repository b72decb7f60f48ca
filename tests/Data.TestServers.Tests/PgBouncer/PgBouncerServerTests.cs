using Npgsql;

namespace Data.TestServers.Tests.PgBouncer;

public sealed class PgBouncerServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StartAsync_TransactionPooling_SharesOneServerConnectionAmongClients()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Token);
        await using var bouncer = await PgBouncerServer.StartAsync(postgres, new PgBouncerServerOptions { PoolSize = 1 }, Token);
        await postgres.ExecuteAsync("CREATE ROLE tenant LOGIN PASSWORD 'of its own'", Token);

        await using var source = NpgsqlDataSource.Create(bouncer.ConnectionStringFor("postgres", "tenant", "of its own"));
        await using var first = await source.OpenConnectionAsync(Token);
        await using var second = await source.OpenConnectionAsync(Token);
        var backends = new[] { await BackendAsync(first), await BackendAsync(second) };
        backends[0].ShouldBe(backends[1]);

        await using (var transaction = await first.BeginTransactionAsync(Token))
        {
            await BackendAsync(first);
            var waiting = BackendAsync(second);
            (await Task.WhenAny(waiting, Task.Delay(200, Token))).ShouldNotBe(waiting);
            await transaction.CommitAsync(Token);
            (await waiting).ShouldBe(backends[0]);
        }

        await using var stranger = new NpgsqlConnection(bouncer.ConnectionStringFor("postgres", "tenant", "guessed"));
        await Should.ThrowAsync<PostgresException>(() => stranger.OpenAsync(Token));
    }

    [Fact]
    public async Task KillAsync_ThenStartAgain_ServesOnTheSamePort()
    {
        var postgres = await SharedServers.PostgresAsync();
        await using var bouncer = await PgBouncerServer.StartAsync(postgres, cancellationToken: Token);
        await bouncer.KillAsync();
        await bouncer.StartAgainAsync(Token);
        await using var connection = new NpgsqlConnection(bouncer.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Token);
        await BackendAsync(connection);
    }

    private static async Task<int> BackendAsync(NpgsqlConnection connection) =>
        (int)(await new NpgsqlCommand("SELECT pg_backend_pid()", connection).ExecuteScalarAsync(Token))!;
}
