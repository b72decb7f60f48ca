namespace ConfigurationService.Persistence.Migrations;

/// <summary>Lets an administrator change providers by plain SQL, whatever role owns the tables.</summary>
internal sealed partial class AdministratorSql() : SqlMigration(nameof(AdministratorSql));
