using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ConfigurationService.Persistence.Migrations;

/// <summary>Providers' configurations and their history.</summary>
[DbContext(typeof(ConfigurationDbContext))]
[Migration("20261121000002_ProviderConfigs")]
internal sealed class ProviderConfigs() : SqlMigration(nameof(ProviderConfigs));
