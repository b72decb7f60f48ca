using Data.Resilience.Internal;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Migrations.Operations.Builders;

namespace Data.Resilience.Tenancy;

/// <summary>Migration steps that make PostgreSQL itself keep tenants apart.</summary>
public static class TenantMigrationExtensions
{
    private const string Policy = "tenant_isolation";

    /// <summary>Shows and accepts only rows of the current tenant, whatever the SQL says.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    /// <param name="table">The table.</param>
    /// <param name="column">Its tenant column; should come first in the table's keys and indexes.</param>
    /// <param name="columnType">The column's type: <c>text</c>, <c>uuid</c>, <c>bigint</c> or another that text can be cast to.</param>
    /// <param name="schema">The table's schema; null for the default one.</param>
    /// <returns>The operation.</returns>
    /// <remarks>
    /// ENABLE and FORCE row-level security, so that it also binds the table's owner, with one policy for reading and writing. Superusers
    /// and roles with BYPASSRLS are exempt by nature: connect as another role, see <see cref="GrantTenantAccess"/>. The setting is read
    /// once per statement. Isolates what the application's own code and its mistakes can do; whoever can run arbitrary SQL as the role can
    /// also set <c>app.tenant_id</c> to another tenant, so never concatenate SQL from input. Foreign keys and unique constraints see all
    /// rows; keep the tenant column in them.
    /// </remarks>
    /// <exception cref="ArgumentException">A name is empty, or <paramref name="columnType"/> is not a plain type name.</exception>
    /// <example>
    /// <code>
    /// using Microsoft.EntityFrameworkCore.Migrations;
    ///
    /// class ProtectOrders : Migration
    /// {
    ///     protected override void Up(MigrationBuilder migrationBuilder)
    ///     {
    ///         migrationBuilder.EnableTenantRowSecurity("orders", "tenant_id", "uuid");
    ///         migrationBuilder.GrantTenantAccess("shop_app", "orders");
    ///     }
    /// }
    /// </code>
    /// </example>
    public static OperationBuilder<SqlOperation> EnableTenantRowSecurity(
        this MigrationBuilder migrationBuilder,
        string table,
        string column = "tenant_id",
        string columnType = "text",
        string? schema = null)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        if (string.IsNullOrEmpty(columnType) || !columnType.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '_'))
            throw new ArgumentException($"\"{columnType}\" is not a plain type name such as text or uuid.", nameof(columnType));
        var name = QuotedName.Of(table, schema);
        // Once set in a session, an unset custom setting reads as '', not as NULL; and '' must match no row, not the rows of tenant ''.
        var own = $"{QuotedName.Of(column)} = (SELECT NULLIF(current_setting('{TenantSetting.Name}', true), '')::{columnType})";
        return migrationBuilder.Sql(
            $"""
            ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {name} FORCE ROW LEVEL SECURITY;
            CREATE POLICY {Policy} ON {name} AS PERMISSIVE FOR ALL TO PUBLIC USING ({own}) WITH CHECK ({own});
            """);
    }

    /// <summary>Takes back <see cref="EnableTenantRowSecurity"/>: every role with access sees all rows again.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    /// <param name="table">The table.</param>
    /// <param name="schema">The table's schema; null for the default one.</param>
    /// <returns>The operation.</returns>
    /// <exception cref="ArgumentException"><paramref name="table"/> is empty.</exception>
    public static OperationBuilder<SqlOperation> DisableTenantRowSecurity(
        this MigrationBuilder migrationBuilder,
        string table,
        string? schema = null)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        var name = QuotedName.Of(table, schema);
        return migrationBuilder.Sql(
            $"""
            DROP POLICY IF EXISTS {Policy} ON {name};
            ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY;
            ALTER TABLE {name} DISABLE ROW LEVEL SECURITY;
            """);
    }

    /// <summary>Lets a role read and write rows of a table, and nothing that would let it out of row-level security.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    /// <param name="role">The application's role; must exist, and must not be superuser, have BYPASSRLS or own the table.</param>
    /// <param name="table">The table.</param>
    /// <param name="schema">The table's schema; null for the default one.</param>
    /// <returns>The operation.</returns>
    /// <remarks>
    /// SELECT, INSERT, UPDATE and DELETE, use of the table's own sequences and of its schema; no TRUNCATE, which ignores policies, and no
    /// REFERENCES.
    /// </remarks>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static OperationBuilder<SqlOperation> GrantTenantAccess(
        this MigrationBuilder migrationBuilder, string role, string table, string? schema = null)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        var name = QuotedName.Of(table, schema);
        var grantee = QuotedName.Of(role);
        var literal = name.Replace("'", "''", StringComparison.Ordinal);
        return migrationBuilder.Sql(
            $"""
            GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {grantee};
            DO $grant$
            DECLARE s record;
            BEGIN
              EXECUTE format('GRANT USAGE ON SCHEMA %I TO {grantee.Replace("'", "''", StringComparison.Ordinal)}',
                (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = '{literal}'::regclass));
              FOR s IN SELECT d.objid::regclass AS name FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
                WHERE d.refobjid = '{literal}'::regclass AND d.deptype IN ('a', 'i')
              LOOP
                EXECUTE format('GRANT USAGE ON SEQUENCE %s TO {grantee.Replace("'", "''", StringComparison.Ordinal)}', s.name);
              END LOOP;
            END $grant$;
            """);
    }
}
