using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ConfigurationService.Persistence.Model;

/// <summary>How the hub's tables and the chains' heads are mapped.</summary>
internal sealed class HubModel :
    IEntityTypeConfiguration<ServiceConfig>,
    IEntityTypeConfiguration<ConfigAuditEntry>,
    IEntityTypeConfiguration<AuditChain>
{
    public void Configure(EntityTypeBuilder<ServiceConfig> builder)
    {
        builder.ToTable("service_configs");
        builder.HasKey(static c => c.ServiceName).HasName("service_configs_pkey");
        builder.Property(static c => c.ServiceName).HasMaxLength(255);
        builder.Property(static c => c.ConfigJson).HasColumnType("jsonb");
        builder.Property(static c => c.CreatedBy).HasMaxLength(255);
        builder.Property(static c => c.UpdatedBy).HasMaxLength(255);
        builder.HasIndex(static c => c.Active).HasFilter("active").HasDatabaseName("service_configs_active_idx");
        builder.HasIndex(static c => c.Tags).HasMethod("gin").HasDatabaseName("service_configs_tags_idx");
    }

    public void Configure(EntityTypeBuilder<ConfigAuditEntry> builder)
    {
        builder.ToTable("config_audit_log");
        builder.HasKey(static a => a.Id).HasName("config_audit_log_pkey");
        builder.Property(static a => a.ServiceName).HasMaxLength(255);
        builder.Property(static a => a.Config).HasColumnType("jsonb");
        builder.Property(static a => a.Action).HasMaxLength(20);
        builder.Property(static a => a.ChangedBy).HasMaxLength(255);
        builder.HasIndex(static a => new { a.ServiceName, a.Version }).IsUnique().HasDatabaseName("config_audit_log_service_version_key");
        builder.HasIndex(static a => new { a.ServiceName, a.Sequence }).IsUnique().HasDatabaseName("config_audit_log_service_sequence_key");
        builder.HasIndex(static a => new { a.ServiceName, a.ChangedAt }).HasDatabaseName("config_audit_log_service_time_idx");
    }

    public void Configure(EntityTypeBuilder<AuditChain> builder)
    {
        builder.ToTable("audit_chains");
        builder.HasKey(static c => new { c.Scope, c.Name }).HasName("audit_chains_pkey");
        builder.Property(static c => c.Scope).HasMaxLength(10);
        builder.Property(static c => c.Name).HasMaxLength(255);
    }
}
