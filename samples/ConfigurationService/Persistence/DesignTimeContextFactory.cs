using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ConfigurationService.Persistence;

/// <summary>Creates the context for <c>dotnet ef</c>, without settings, secrets or a running service.</summary>
internal sealed class DesignTimeContextFactory : IDesignTimeDbContextFactory<ConfigurationDbContext>
{
    public ConfigurationDbContext CreateDbContext(string[] args)
    {
        // Adding, comparing and scripting migrations need no database; commands that do read this setting or take --connection.
        var owner = Environment.GetEnvironmentVariable("ConnectionStrings__Postgres");
        return new ConfigurationDbContext(new DbContextOptionsBuilder<ConfigurationDbContext>().UseNpgsql(owner).Options);
    }
}
