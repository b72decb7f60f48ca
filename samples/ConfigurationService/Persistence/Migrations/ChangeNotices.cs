namespace ConfigurationService.Persistence.Migrations;

/// <summary>Notices of every change, for the instances that have read what changed.</summary>
internal sealed partial class ChangeNotices() : SqlMigration(nameof(ChangeNotices));
