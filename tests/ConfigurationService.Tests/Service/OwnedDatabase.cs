using Data.TestServers;
using Npgsql;

namespace ConfigurationService.Tests.Service;

/// <summary>A database that belongs to a role of its own, which is no superuser: what a careful administrator gives to a service.</summary>
/// <param name="Administrator">Connection string of the server's superuser.</param>
/// <param name="Owner">Connection string of the owner.</param>
internal sealed record OwnedDatabase(string Administrator, string Owner)
{
    private const string Password = "of-a-test";

    public string Name => new NpgsqlConnectionStringBuilder(Owner).Database!;

    /// <summary>Makes the database and its owner.</summary>
    /// <param name="attributes">The owner's attributes, such as CREATEROLE.</param>
    /// <param name="administrator">The superuser's login of an existing database; null makes a new one on the shared server.</param>
    public static async Task<OwnedDatabase> CreateAsync(string attributes = "CREATEROLE", string? administrator = null)
    {
        administrator ??= await (await SharedServers.PostgresAsync()).CreateDatabaseAsync();
        var login = new NpgsqlConnectionStringBuilder(administrator);
        var database = new OwnedDatabase(administrator, Login(login, $"{login.Database}_owner"));
        await database.MakeLoginAsync($"{login.Database}_owner", attributes);
        await database.SqlAsync($"ALTER DATABASE {login.Database} OWNER TO {login.Database}_owner");
        return database;
    }

    /// <summary>Makes a login and returns its connection string.</summary>
    public async Task<string> MakeLoginAsync(string name, string attributes = "")
    {
        await SqlAsync($"CREATE ROLE {name} LOGIN {attributes} PASSWORD '{Password}'");
        return Login(new NpgsqlConnectionStringBuilder(Owner), name);
    }

    /// <summary>Runs SQL as the superuser.</summary>
    public Task<object?> SqlAsync(string sql) => RunAsync(Administrator, sql);

    /// <summary>Runs SQL on a connection of its own.</summary>
    public static async Task<object?> RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    private static string Login(NpgsqlConnectionStringBuilder server, string name) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = name, Password = Password }.ConnectionString;
}
