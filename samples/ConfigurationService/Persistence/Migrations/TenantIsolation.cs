using Data.Resilience.Tenancy;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ConfigurationService.Persistence.Migrations;

/// <summary>Enables row-level security on all tenants' tables: without a tenant set there are no rows, for the owner either.</summary>
internal sealed partial class TenantIsolation : Migration
{
    private static readonly string[] Tables = ["provider_configs", "config_versions", "tenant_data_keys"];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        foreach (var table in Tables)
            migrationBuilder.EnableTenantRowSecurity(table);
        // The heads of services' chains belong to no tenant; every role may read them.
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
