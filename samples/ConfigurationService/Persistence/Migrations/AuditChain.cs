using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ConfigurationService.Persistence.Migrations;

/// <summary>Heads of the hash chains and the functions that audited tables share.</summary>
[DbContext(typeof(ConfigurationDbContext))]
[Migration("20261121000001_AuditChain")]
internal sealed class AuditChain() : SqlMigration(nameof(AuditChain));
