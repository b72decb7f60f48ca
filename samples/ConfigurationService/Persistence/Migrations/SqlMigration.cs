using Microsoft.EntityFrameworkCore.Migrations;

namespace ConfigurationService.Persistence.Migrations;

/// <summary>
/// A migration whose two directions are scripts in <c>Scripts/</c>: triggers, policies and checks are SQL anyway, and a script can be read
/// and tried by itself.
/// </summary>
internal abstract class SqlMigration(string script) : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Read("up"));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(Read("down"));

    private string Read(string direction)
    {
        var name = $"{typeof(SqlMigration).Namespace}.Scripts.{script}.{direction}.sql";
        using var stream = typeof(SqlMigration).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The migration script {name} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
