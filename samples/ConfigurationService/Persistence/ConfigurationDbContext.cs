using System.Text.RegularExpressions;
using ConfigurationService.Persistence.Model;
using Microsoft.EntityFrameworkCore;

namespace ConfigurationService.Persistence;

/// <summary>
/// The service's tables. Hot paths send their own SQL; the model serves the rest, and is proven to equal what the migrations make.
/// </summary>
internal sealed partial class ConfigurationDbContext(DbContextOptions<ConfigurationDbContext> options) : DbContext(options)
{
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<TenantDataKey> TenantDataKeys => Set<TenantDataKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ConfigurationDbContext).Assembly);
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(static e => e.GetProperties()))
            property.SetColumnName(WordStart().Replace(property.Name, "_$0").ToLowerInvariant());
    }

    [GeneratedRegex("(?<=[a-z])[A-Z]", RegexOptions.CultureInvariant)]
    private static partial Regex WordStart();
}
