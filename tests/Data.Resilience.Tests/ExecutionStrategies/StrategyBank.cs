using Data.Resilience.Tests.Support;
using Data.TestServers;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Data.Resilience.Tests.ExecutionStrategies;

/// <summary>A bank that contexts with the package's strategy reach through a proxy, and nothing else of the package.</summary>
internal sealed class StrategyBank : IAsyncDisposable
{
    /// <summary>COMMIT as the driver sends it, which "READ COMMITTED" in BEGIN is not.</summary>
    public const string Commit = "COMMIT\0";

    private readonly DbContextOptions<Bank> _options;

    private StrategyBank(BankDatabase database, FaultProxy proxy, string connectionString, Action<ExecutionStrategyOptions>? configure)
    {
        Database = database;
        Proxy = proxy;
        ConnectionString = connectionString;
        _options = new DbContextOptionsBuilder<Bank>()
            .UseNpgsql(connectionString)
            .UseDataResilience(options =>
            {
                options.Name = "bank";
                options.Retry.BaseDelay = TimeSpan.FromMilliseconds(5);
                options.Retry.Seed = 1;
                configure?.Invoke(options);
            })
            .Options;
    }

    public BankDatabase Database { get; }

    public FaultProxy Proxy { get; }

    public string ConnectionString { get; }

    public static async Task<StrategyBank> CreateAsync(
        Action<ExecutionStrategyOptions>? configure = null, bool isRestricted = false, int maxPoolSize = 100)
    {
        var server = await SharedServers.PostgresAsync();
        var database = await BankDatabase.CreateAsync();
        var proxy = await FaultProxy.StartAsync(server);
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Host = proxy.Host,
            Port = proxy.Port,
            Timeout = maxPoolSize == 1 ? 1 : 5,
            CancellationTimeout = 500,
            MaxPoolSize = maxPoolSize,
        };
        if (isRestricted)
        {
            settings.Username = await CreateRestrictedRoleAsync(database.ConnectionString);
            settings.Password = settings.Username;
        }

        return new StrategyBank(database, proxy, settings.ConnectionString, configure);
    }

    /// <summary>As managed servers do: the role may not read the identity of the cluster.</summary>
    private static async Task<string> CreateRestrictedRoleAsync(string connectionString)
    {
        var role = "restricted_" + Guid.NewGuid().ToString("N");
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"""
            CREATE ROLE {role} LOGIN PASSWORD '{role}';
            GRANT ALL ON accounts TO {role};
            REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC;
            """,
            connection);
        await command.ExecuteNonQueryAsync();
        return role;
    }

    public Bank NewContext() => new(_options);

    /// <summary>Cuts the connection before a statement arrives, as often as told.</summary>
    public void CutBefore(string statement, int times = 1)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(statement);
        Proxy.Inspect = chunk =>
            chunk.Direction == Direction.ToServer && chunk.Contains(text) && Interlocked.Decrement(ref times) >= 0
                ? ChunkVerdict.CutBefore
                : ChunkVerdict.Forward;
    }

    /// <summary>Cuts the connection when the server answers a statement.</summary>
    public void LoseAnswer(string statement)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(statement);
        Data.TestServers.ProxyConnection? armed = null;
        var isDone = false;
        Proxy.Inspect = chunk =>
        {
            if (!isDone && chunk.Direction == Direction.ToServer && chunk.Contains(text))
                armed = chunk.Connection;
            if (chunk.Direction == Direction.ToServer || armed is null || !ReferenceEquals(armed, chunk.Connection))
                return ChunkVerdict.Forward;

            (armed, isDone) = (null, true);
            return ChunkVerdict.CutBefore;
        };
    }

    public Task<long> CountAsync(string owner) => Database.ScalarAsync<long>($"SELECT count(*) FROM accounts WHERE owner = '{owner}'");

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await Database.DisposeAsync();
    }
}
