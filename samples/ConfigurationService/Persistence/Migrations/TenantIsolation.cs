using Data.Resilience.Tenancy;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ConfigurationService.Persistence.Migrations;

/// <summary>Row-level security on everything that belongs to a tenant: no tenant set, no rows, for the owner too.</summary>
[DbContext(typeof(ConfigurationDbContext))]
[Migration("20261121000005_TenantIsolation")]
internal sealed class TenantIsolation : Migration
{
    private static readonly string[] Tables = ["provider_configs", "config_versions", "tenant_data_keys"];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (var table in Tables)
            migrationBuilder.EnableTenantRowSecurity(table);
        // The heads of services' chains belong to no tenant and are everyone's to read.
        migrationBuilder.Sql(
            """
            ALTER TABLE audit_chains ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
            CREATE POLICY tenant_isolation ON audit_chains
                USING (scope = 'service' OR name = (SELECT nullif(current_setting('app.tenant_id', true), '')))
                WITH CHECK (scope = 'service' OR name = (SELECT nullif(current_setting('app.tenant_id', true), '')));
            """);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DisableTenantRowSecurity("audit_chains");
        foreach (var table in Tables)
            migrationBuilder.DisableTenantRowSecurity(table);
    }
}
