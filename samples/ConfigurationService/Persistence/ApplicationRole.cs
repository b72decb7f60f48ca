using ConfigurationService.Settings;
using Npgsql;

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
            WHEN r.rolcreaterole THEN 'has CREATEROLE, with which it could make itself a member of any other role'
            WHEN EXISTS (SELECT FROM pg_class c
              WHERE c.relname = 'provider_configs' AND c.relkind = 'r' AND pg_has_role(r.oid, c.relowner, 'MEMBER'))
                THEN 'owns the tables, or is a member of the role that does' END
        FROM pg_roles r WHERE r.rolname = $1
        """;

    public static async Task PrepareAsync(NpgsqlConnection owner, DatabaseConnections connections, CancellationToken cancellationToken)
    {
        var role = connections.ApplicationRole;
        if (connections.Made is { } made)
            await MakeAsync(owner, connections, made, cancellationToken);
        await DemandWeakAsync(owner, role, cancellationToken);
        // A role's name cannot be a parameter.
        await using var grant = new NpgsqlCommand(Grants.Replace("{0}", LoginRole.Quote(role), StringComparison.Ordinal), owner);
        await grant.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task MakeAsync(
        NpgsqlConnection owner, DatabaseConnections connections, RolePassword made, CancellationToken cancellationToken)
    {
        try
        {
            await LoginRole.EnsureAsync(owner, connections.Application, made, cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new SettingsException(
                [$"ConnectionStrings:PostgresApplication: is not set, and the owner may not make or change the role "
                + $"'{connections.ApplicationRole}' ({e.MessageText}); give the owner CREATEROLE, or name a login here"]);
        }
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
}
