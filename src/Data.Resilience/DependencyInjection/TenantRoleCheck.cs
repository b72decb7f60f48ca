using Data.Resilience.Tenancy;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Data.Resilience.DependencyInjection;

/// <summary>Verifies when the host starts that row-level security binds the role in use.</summary>
internal sealed class TenantRoleCheck(NpgsqlDataSource dataSource, TenancyOptions options) : IHostedService
{
    private const string Sql =
        """
        SELECT (SELECT bool_or(rolsuper) FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')),
               (SELECT bool_or(rolbypassrls) FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')),
               (SELECT string_agg(c.oid::regclass::text, ', ') FROM pg_class c
                 WHERE c.relrowsecurity AND pg_has_role(current_user, c.relowner, 'MEMBER')),
               (SELECT string_agg(c.oid::regclass::text, ', ') FROM pg_class c
                WHERE EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant_isolation')
                  AND NOT (c.relrowsecurity AND c.relforcerowsecurity))
        """;

    public Task StartAsync(CancellationToken cancellationToken) =>
        options.CheckRoleAtStart ? CheckAsync(cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        var command = dataSource.CreateCommand(Sql);
        await using var ownedCommand = command.ConfigureAwait(false);
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ownedReader = reader.ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var why = reader switch
        {
            _ when reader.GetBoolean(0) => "is (or can become) a superuser",
            _ when reader.GetBoolean(1) => "has (or can take) BYPASSRLS",
            _ when !reader.IsDBNull(2) => $"owns protected tables ({reader.GetString(2)})",
            _ => null,
        };
        if (why is not null)
        {
            throw new TenantIsolationException(
                $"The application's database role {why}, so row-level security does not bind it. Connect as a role of its own and grant "
                + "it access by GrantTenantAccess.");
        }

        if (!reader.IsDBNull(3))
        {
            throw new TenantIsolationException(
                $"Row-level security is switched off or not forced on {reader.GetString(3)}, which have a tenant policy.");
        }
    }
}
