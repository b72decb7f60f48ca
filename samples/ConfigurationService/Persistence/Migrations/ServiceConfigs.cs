using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ConfigurationService.Persistence.Migrations;

/// <summary>The hub's configurations and their audit log.</summary>
[DbContext(typeof(ConfigurationDbContext))]
[Migration("20261121000003_ServiceConfigs")]
internal sealed class ServiceConfigs() : SqlMigration(nameof(ServiceConfigs));
