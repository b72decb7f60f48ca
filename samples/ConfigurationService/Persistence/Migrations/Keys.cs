using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ConfigurationService.Persistence.Migrations;

/// <summary>API keys and the tenants' data keys.</summary>
[DbContext(typeof(ConfigurationDbContext))]
[Migration("20261121000004_Keys")]
internal sealed class Keys() : SqlMigration(nameof(Keys));
