using Data.Resilience.Internal;
using Data.Resilience.Tenancy;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Migrations.Operations.Builders;

namespace Data.Resilience.Inbox;

/// <summary>Migration steps for the inbox's table.</summary>
public static class InboxMigrationExtensions
{
    /// <summary>Creates the inbox's table.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    /// <param name="schema">Schema of the table, which must exist; null for the default one.</param>
    /// <param name="table">Name of the table.</param>
    /// <returns>The operation.</returns>
    /// <remarks>
    /// The table belongs to no model, and schema comparison does not report it. Its key begins with the tenant of the transaction, which is
    /// empty without one. Roles other than the owner need <see cref="GrantInbox"/>.
    /// </remarks>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    /// <example>
    /// <code>
    /// using Data.Resilience.Inbox;
    /// using Microsoft.EntityFrameworkCore.Migrations;
    ///
    /// class AddInbox : Migration
    /// {
    ///     protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateInbox();
    ///
    ///     protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropInbox();
    /// }
    /// </code>
    /// </example>
    public static OperationBuilder<SqlOperation> CreateInbox(
        this MigrationBuilder migrationBuilder, string? schema = null, string table = "inbox_messages")
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        var name = QuotedName.Of(table, schema);
        return migrationBuilder.Sql(
            $"""
            CREATE TABLE {name} (
              tenant_id text NOT NULL DEFAULT COALESCE(current_setting('{TenantSetting.Name}', true), ''),
              consumer text NOT NULL,
              message_id text NOT NULL,
              accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
              PRIMARY KEY (tenant_id, consumer, message_id)
            );
            CREATE INDEX ON {name} (accepted_at);
            """);
    }

    /// <summary>Drops the inbox's table: every message is new again.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    /// <param name="schema">Schema of the table; null for the default one.</param>
    /// <param name="table">Name of the table.</param>
    /// <returns>The operation.</returns>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static OperationBuilder<SqlOperation> DropInbox(
        this MigrationBuilder migrationBuilder, string? schema = null, string table = "inbox_messages")
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        return migrationBuilder.Sql($"DROP TABLE {QuotedName.Of(table, schema)};");
    }

    /// <summary>Lets a role accept messages and remove old ones.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    /// <param name="role">The role; must exist.</param>
    /// <param name="schema">Schema of the table; null for the default one.</param>
    /// <param name="table">Name of the table.</param>
    /// <returns>The operation.</returns>
    /// <remarks>
    /// INSERT of a consumer and a message id, under the transaction's own tenant; SELECT of the time alone and DELETE, which the removal of
    /// old messages needs.
    /// </remarks>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static OperationBuilder<SqlOperation> GrantInbox(
        this MigrationBuilder migrationBuilder, string role, string? schema = null, string table = "inbox_messages")
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        var name = QuotedName.Of(table, schema);
        var grantee = QuotedName.Of(role);
        return migrationBuilder.Sql(
            $"""
            {(schema is null ? "" : $"GRANT USAGE ON SCHEMA {QuotedName.Of(schema)} TO {grantee};")}
            GRANT INSERT (consumer, message_id), SELECT (ctid, accepted_at), DELETE ON {name} TO {grantee};
            """);
    }
}
