using ConfigurationService.Settings;
using Npgsql;

namespace ConfigurationService.Persistence;

/// <summary>Tries the logins of the settings, and tells a refusal, which lasts, from a database that is away.</summary>
internal static class DatabaseLogins
{
    /// <summary>Tries every login that the settings name.</summary>
    /// <exception cref="SettingsException">The server refuses one of them, or both.</exception>
    public static async Task DemandAsync(DatabaseConnections connections, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        if (await RefusalAsync(connections.Owner, cancellationToken) is { } owner)
            faults.Add($"ConnectionStrings:Postgres: {owner}");
        if (connections.Made is null && await RefusalAsync(connections.Application, cancellationToken) is { } application)
            faults.Add($"ConnectionStrings:PostgresApplication: {application}");
        if (connections.Listen != connections.Application && await RefusalAsync(connections.Listen, cancellationToken) is { } listen)
            faults.Add($"ConnectionStrings:PostgresListen: {listen}");
        if (faults.Count > 0)
            throw new SettingsException(faults);
    }

    /// <summary>Whether the server lets a login in.</summary>
    public static async Task<bool> AcceptsAsync(string connectionString, CancellationToken cancellationToken) =>
        await RefusalAsync(connectionString, cancellationToken) is null;

    /// <summary>What the server says of a right that is missing; null when the exception is about something else.</summary>
    public static string? MissingRight(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } refused)
                return refused.MessageText;
        }

        return null;
    }

    private static async Task<string?> RefusalAsync(string connectionString, CancellationToken cancellationToken)
    {
        var login = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        try
        {
            await using var connection = new NpgsqlConnection(login.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            return null;
        }
        catch (PostgresException e) when (Reason(e, login) is { } reason)
        {
            return reason;
        }
        catch (NpgsqlException e) when (e is not PostgresException && e.InnerException is null)
        {
            // The driver itself gives up: a password or TLS that the server asks for and the settings do not have.
            return $"{e.Message}; complete the connection string";
        }
    }

    private static string? Reason(PostgresException e, NpgsqlConnectionStringBuilder login) => e.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"the server refuses the login '{login.Username}' ({e.MessageText}); correct Username and Password, or pg_hba.conf",
        PostgresErrorCodes.InvalidCatalogName =>
            $"the database '{login.Database}' does not exist; create it with an owner of its own, or correct Database",
        PostgresErrorCodes.InsufficientPrivilege =>
            $"the login '{login.Username}' may not connect ({e.MessageText}); grant it CONNECT",
        _ => null,
    };
}
