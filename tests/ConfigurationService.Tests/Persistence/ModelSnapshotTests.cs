using ConfigurationService.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace ConfigurationService.Tests.Persistence;

/// <summary>
/// Tests what <c>dotnet ef migrations</c> works from: the model, the snapshot that the tool wrote, and the newest migration.
/// <see cref="MigrationTests"/> compares the model with a migrated database.
/// </summary>
public sealed class ModelSnapshotTests : IDisposable
{
    private readonly ConfigurationDbContext _context = new DesignTimeContextFactory().CreateDbContext([]);

    private IRelationalModel Model => _context.GetService<IDesignTimeModel>().Model.GetRelationalModel();

    public void Dispose() => _context.Dispose();

    [Fact]
    public void Model_HasNoChangesThatTheSnapshotLacks()
    {
        var snapshot = _context.GetService<IMigrationsAssembly>().ModelSnapshot.ShouldNotBeNull();
        Differences(snapshot.Model).ShouldBeEmpty("run: dotnet ef migrations add <Name> --project samples/ConfigurationService");
        _context.Database.HasPendingModelChanges().ShouldBeFalse();
    }

    [Fact]
    public void NewestMigration_HoldsTheModel_SoThatTheToolCanRemoveTheNextOne()
    {
        var migrations = _context.GetService<IMigrationsAssembly>();
        var newest = migrations.CreateMigration(migrations.Migrations.Values.Last(), _context.Database.ProviderName!);
        Differences(newest.TargetModel).ShouldBeEmpty();
    }

    [Fact]
    public void Comparison_SeesEveryTableThatASnapshotLacks() =>
        Differences((IModel)new ModelBuilder().Model).OfType<CreateTableOperation>().Count().ShouldBe(Model.Tables.Count());

    [Fact]
    public void Migrations_KeepTheirIds() => _context.Database.GetMigrations().Take(5).ShouldBe([
        "20261121000001_AuditChain",
        "20261121000002_ProviderConfigs",
        "20261121000003_ServiceConfigs",
        "20261121000004_Keys",
        "20261121000005_TenantIsolation"]);

    [Fact]
    public void Script_NeedsNoDatabase()
    {
        var script = _context.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.Idempotent);
        script.ShouldContain("CREATE TABLE provider_configs");
        script.ShouldContain("20261121000005_TenantIsolation");
    }

    private IReadOnlyList<MigrationOperation> Differences(IModel from)
    {
        var complete = from is IMutableModel mutable ? mutable.FinalizeModel() : from;
        var initialized = _context.GetService<IModelRuntimeInitializer>().Initialize(complete, designTime: true, validationLogger: null);
        return _context.GetService<IMigrationsModelDiffer>().GetDifferences(initialized.GetRelationalModel(), Model);
    }
}
