using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Microsoft.EntityFrameworkCore.Migrations.Operations.Builders;

namespace Data.Resilience.Idempotency;

/// <summary>Migration steps for the table of idempotency keys.</summary>
public static class IdempotencyMigrationExtensions
{
    /// <summary>Creates the table that write sessions with an idempotency key need.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    /// <param name="table">Name of the table; the same as <see cref="IdempotencyOptions.Table"/>.</param>
    /// <param name="schema">Its schema, which must exist; null for the default one. The same as <see cref="IdempotencyOptions.Schema"/>.
    /// </param>
    /// <returns>The operation.</returns>
    /// <remarks>
    /// The table needs no entity in the model. Its primary key is (tenant_id, key); without tenancy the tenant is an empty string. A role
    /// that does not own it needs SELECT, INSERT, UPDATE and DELETE, for instance by
    /// <c>GrantTenantAccess</c>. Do not enable row-level security on it: sessions record a key
    /// before their tenant is set, and the removal of old keys belongs to no tenant.
    /// </remarks>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    /// <example>
    /// <code>
    /// using Microsoft.EntityFrameworkCore.Migrations;
    ///
    /// class AddIdempotencyKeys : Migration
    /// {
    ///     protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateIdempotencyKeys();
    ///
    ///     protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropIdempotencyKeys();
    /// }
    /// </code>
    /// </example>
    public static OperationBuilder<SqlOperation> CreateIdempotencyKeys(
        this MigrationBuilder migrationBuilder,
        string table = "idempotency_keys",
        string? schema = null)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        return migrationBuilder.Sql(new IdempotencyTable(table, schema).Create);
    }

    /// <summary>Drops the table, with every key: calls that repeat a key run their work again.</summary>
    /// <param name="migrationBuilder">The migration.</param>
    /// <param name="table">Name of the table.</param>
    /// <param name="schema">Its schema; null for the default one.</param>
    /// <returns>The operation.</returns>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static OperationBuilder<SqlOperation> DropIdempotencyKeys(
        this MigrationBuilder migrationBuilder,
        string table = "idempotency_keys",
        string? schema = null)
    {
        ArgumentNullException.ThrowIfNull(migrationBuilder);
        return migrationBuilder.Sql(new IdempotencyTable(table, schema).Drop);
    }
}
