using Npgsql;
using OpenTelemetry;

namespace ConfigurationService.Persistence;

/// <summary>Logins that the service makes, without any attribute: those are a superuser's to give.</summary>
internal static class LoginRole
{
    /// <summary>A password and its salt that every instance with the same key-encryption key derives alike.</summary>
    public static RolePassword PasswordFrom(Func<string, byte[]> derive, string purpose) =>
        new(Convert.ToHexStringLower(derive(purpose)), derive($"{purpose} salt")[..16]);

    /// <summary>Makes the role of a connection string, or gives it its password where it has another.</summary>
    /// <remarks>A role that can log in is left alone, so that an owner without the right to change roles can start again.</remarks>
    public static async Task EnsureAsync(
        NpgsqlConnection connection, string login, RolePassword password, CancellationToken cancellationToken)
    {
        var role = new NpgsqlConnectionStringBuilder(login).Username!;
        var exists = await ExistsAsync(connection, role, cancellationToken);
        if (exists && await DatabaseLogins.AcceptsAsync(login, cancellationToken))
            return;
        var verifier = ScramVerifier.Of(password.Password, password.Salt);
        // The statement holds the verifier, and traces hold statements.
        using var untraced = SuppressInstrumentationScope.Begin();
        // Neither can be a parameter: the name is quoted, the verifier is base64.
        await using var command = new NpgsqlCommand(
            $"{(exists ? "ALTER" : "CREATE")} ROLE {Quote(role)} LOGIN PASSWORD '{verifier}'", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string role, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT 1 FROM pg_roles WHERE rolname = $1", connection)
        {
            Parameters = { new() { Value = role } }
        };
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }
}
