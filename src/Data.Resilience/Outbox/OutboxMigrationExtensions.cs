using Data.Resilience.Internal;
using Data.Resilience.Tenancy;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Migrations.Operations.Builders;

namespace Data.Resilience.Outbox;

/// <summary>Migration steps for the outbox's tables.</summary>
public static class OutboxMigrationExtensions
{
    /// <summary>Creates the outbox's tables: messages, lanes and dead letters.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    /// <param name="schema">Schema of the tables, which must exist; null for the default one.</param>
    /// <param name="name">First part of the tables' names; 1 to 40 ASCII letters, digits and underscores.</param>
    /// <param name="lanes">Number of lanes; 1 to 256. A message's key decides its lane, and a lane is served by one dispatcher at a time,
    /// so this is the largest number of processes and connections that can share the work. To change it, drop and create the empty
    /// outbox.</param>
    /// <returns>The operation.</returns>
    /// <remarks>
    /// The tables belong to no model, and schema comparison does not report them. Published messages are deleted; autovacuum is set to
    /// follow closely. Roles other than the owner need <see cref="GrantOutboxWrite"/> or <see cref="GrantOutboxDispatch"/>.
    /// </remarks>
    /// <exception cref="ArgumentException">A name is not legal.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lanes"/> is out of range.</exception>
    /// <example>
    /// <code>
    /// using Data.Resilience.Outbox;
    /// using Microsoft.EntityFrameworkCore.Migrations;
    ///
    /// class AddOutbox : Migration
    /// {
    ///     protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateOutbox();
    ///
    ///     protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropOutbox();
    /// }
    /// </code>
    /// </example>
    public static OperationBuilder<SqlOperation> CreateOutbox(
        this MigrationBuilder migrationBuilder, string? schema = null, string name = "outbox", int lanes = 8)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lanes, 256);
        var tables = Tables(name, schema);
        const string Columns =
            "message_id uuid NOT NULL, hash int NOT NULL, topic text NOT NULL, key text, payload bytea NOT NULL, headers jsonb";
        // What is dead is removed soon and without pauses: a queue is read at its beginning, where the dead rows are.
        const string Vacuum =
            "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0";
        return migrationBuilder.Sql(
            $"""
            CREATE TABLE {tables.Lanes} (lane smallint PRIMARY KEY);
            INSERT INTO {tables.Lanes} SELECT generate_series(0, {lanes - 1});
            CREATE TABLE {tables.Messages} (
              lane smallint GENERATED ALWAYS AS (((hash & 2147483647) % {lanes})::smallint) STORED,
              id bigint GENERATED ALWAYS AS IDENTITY,
              {Columns},
              tenant_id text DEFAULT NULLIF(current_setting('{TenantSetting.Name}', true), ''),
              created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
              attempts int NOT NULL DEFAULT 0,
              retry_at timestamptz,
              PRIMARY KEY (lane, id)
            ) WITH ({Vacuum}, toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 1000);
            CREATE INDEX ON {tables.Messages} (lane, hash, id) WHERE retry_at IS NOT NULL;
            CREATE TABLE {tables.DeadLetters} (
              id bigint PRIMARY KEY,
              {Columns},
              tenant_id text,
              created_at timestamptz NOT NULL,
              attempts int NOT NULL,
              failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
              error text NOT NULL
            );
            CREATE INDEX ON {tables.DeadLetters} (message_id);
            """);
    }

    /// <summary>Drops the outbox's tables with all messages in them.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    /// <param name="schema">Schema of the tables; null for the default one.</param>
    /// <param name="name">First part of the tables' names.</param>
    /// <returns>The operation.</returns>
    /// <exception cref="ArgumentException">A name is not legal.</exception>
    public static OperationBuilder<SqlOperation> DropOutbox(
        this MigrationBuilder migrationBuilder, string? schema = null, string name = "outbox")
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        var tables = Tables(name, schema);
        return migrationBuilder.Sql($"DROP TABLE {tables.DeadLetters}, {tables.Messages}, {tables.Lanes};");
    }

    /// <summary>Lets a role add messages, and neither read nor change those of others.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    /// <param name="role">The role; must exist.</param>
    /// <param name="schema">Schema of the tables; null for the default one.</param>
    /// <param name="name">First part of the tables' names.</param>
    /// <returns>The operation.</returns>
    /// <remarks>
    /// INSERT on the columns that a session fills in. The tenant is not among them: it is the transaction's own. So no row-level security
    /// is needed to keep tenants apart.
    /// </remarks>
    /// <exception cref="ArgumentException">A name is not legal.</exception>
    public static OperationBuilder<SqlOperation> GrantOutboxWrite(
        this MigrationBuilder migrationBuilder, string role, string? schema = null, string name = "outbox")
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        var grantee = QuotedName.Of(role);
        return migrationBuilder.Sql(
            $"""
            {GrantSchema(schema, grantee)}
            GRANT INSERT (message_id, hash, topic, key, payload, headers) ON {Tables(name, schema).Messages} TO {grantee};
            """);
    }

    /// <summary>Lets a role dispatch messages of all tenants and handle dead letters.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    /// <param name="role">The role; must exist. With tenants, one of its own: it reads every tenant's messages.</param>
    /// <param name="schema">Schema of the tables; null for the default one.</param>
    /// <param name="name">First part of the tables' names.</param>
    /// <returns>The operation.</returns>
    /// <remarks>SELECT, INSERT, UPDATE and DELETE on the outbox's tables and on nothing else.</remarks>
    /// <exception cref="ArgumentException">A name is not legal.</exception>
    public static OperationBuilder<SqlOperation> GrantOutboxDispatch(
        this MigrationBuilder migrationBuilder, string role, string? schema = null, string name = "outbox")
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        var tables = Tables(name, schema);
        var grantee = QuotedName.Of(role);
        return migrationBuilder.Sql(
            $"""
            {GrantSchema(schema, grantee)}
            GRANT SELECT, INSERT, UPDATE, DELETE ON {tables.Messages}, {tables.DeadLetters} TO {grantee};
            GRANT SELECT, UPDATE ON {tables.Lanes} TO {grantee};
            """);
    }

    private static string GrantSchema(string? schema, string grantee) =>
        schema is null ? "" : $"GRANT USAGE ON SCHEMA {QuotedName.Of(schema)} TO {grantee};";

    private static OutboxTables Tables(string name, string? schema) =>
        OutboxTables.IsLegal(name)
            ? new OutboxTables(name, schema)
            : throw new ArgumentException("An outbox's name has 1 to 40 ASCII letters, digits and underscores.", nameof(name));
}
