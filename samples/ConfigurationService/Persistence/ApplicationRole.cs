using ConfigurationService.Settings;
using Npgsql;
using OpenTelemetry;

namespace ConfigurationService.Persistence;

/// <summary>
/// The role that serves requests. The service creates it unless the settings name one, grants it only what it needs, and always checks it.
/// </summary>
internal static class ApplicationRole
{
    // It can read history but not write it: the triggers write, with the owner's rights.
    private const string Grants =
        """
        GRANT USAGE ON SCHEMA public TO {0};
        GRANT SELECT, INSERT, UPDATE, DELETE ON provider_configs, service_configs TO {0};
        GRANT SELECT ON config_versions, config_audit_log, audit_chains, key_encryption_keys TO {0};
        GRANT SELECT, INSERT ON tenant_data_keys TO {0};
        GRANT SELECT, INSERT, UPDATE ON api_keys TO {0};
        """;

    private const string Weakness =
        """
        SELECT CASE
            WHEN r.rolsuper THEN 'is a superuser'
            WHEN r.rolbypassrls THEN 'has BYPASSRLS'
            WHEN EXISTS (SELECT FROM pg_class c
              WHERE c.relname = 'provider_configs' AND c.relkind = 'r' AND pg_has_role(r.oid, c.relowner, 'MEMBER'))
                THEN 'owns the tables, or is a member of the role that does' END
        FROM pg_roles r WHERE r.rolname = $1
        """;

    public static async Task PrepareAsync(NpgsqlConnection owner, DatabaseConnections connections, CancellationToken cancellationToken)
    {
        var role = connections.ApplicationRole;
        var quoted = Quote(role);
        if (connections.Made is { } made)
        {
            var verifier = ScramVerifier.Of(made.Password, made.Salt);
            var verb = await ExistsAsync(owner, role, cancellationToken) ? "ALTER" : "CREATE";
            // The statement holds the verifier, and traces hold statements.
            using var untraced = SuppressInstrumentationScope.Begin();
            await ExecuteAsync(
                owner,
                $"{verb} ROLE {quoted} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '{verifier}'",
                cancellationToken);
        }

        await DemandWeakAsync(owner, role, cancellationToken);
        await ExecuteAsync(owner, Grants.Replace("{0}", quoted, StringComparison.Ordinal), cancellationToken);
    }

    private static async Task DemandWeakAsync(NpgsqlConnection owner, string role, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Weakness, owner) { Parameters = { new() { Value = role } } };
        if (await command.ExecuteScalarAsync(cancellationToken) is string weakness)
        {
            throw new SettingsException(
                [$"ConnectionStrings:PostgresApplication: the role '{role}' {weakness}, so row-level security would not apply to it; name "
                + "a plain login, or none"]);
        }
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection owner, string role, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT 1 FROM pg_roles WHERE rolname = $1", owner)
        {
            Parameters = { new() { Value = role } }
        };
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static async Task ExecuteAsync(NpgsqlConnection owner, string sql, CancellationToken cancellationToken)
    {
        // Role names and verifiers cannot be parameters: the name is quoted, the verifier is base64.
        await using var command = new NpgsqlCommand(sql, owner);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
