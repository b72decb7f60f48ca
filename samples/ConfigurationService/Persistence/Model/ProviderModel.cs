using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ConfigurationService.Persistence.Model;

/// <summary>How the providers' tables are mapped; the migrations make them, and a test compares both.</summary>
internal sealed class ProviderModel : IEntityTypeConfiguration<ProviderConfig>, IEntityTypeConfiguration<ConfigVersion>
{
    public void Configure(EntityTypeBuilder<ProviderConfig> builder)
    {
        builder.ToTable("provider_configs");
        builder.HasKey(static c => c.Id).HasName("provider_configs_pkey");
        builder.Property(static c => c.Id).HasDefaultValueSql("gen_random_uuid()");
        builder.Property(static c => c.TenantId).HasMaxLength(255);
        builder.Property(static c => c.ProviderType).HasMaxLength(50);
        builder.Property(static c => c.ProviderName).HasMaxLength(100);
        builder.Property(static c => c.Priority).HasMaxLength(20);
        builder.Property(static c => c.ConfigData).HasColumnType("jsonb");
        builder.Property(static c => c.CreatedBy).HasMaxLength(255);
        builder.Property(static c => c.UpdatedBy).HasMaxLength(255);
        builder.HasIndex(static c => new { c.TenantId, c.ProviderType, c.ProviderName }).IsUnique()
            .HasDatabaseName("provider_configs_tenant_type_name_key");
        builder.HasIndex(static c => c.TenantId).HasDatabaseName("provider_configs_tenant_idx");
        builder.HasIndex(static c => c.ProviderType).HasDatabaseName("provider_configs_type_idx");
        builder.HasIndex(static c => new { c.TenantId, c.ProviderType }).HasDatabaseName("provider_configs_tenant_type_idx");
        builder.HasIndex(static c => new { c.TenantId, c.ProviderName }).HasDatabaseName("provider_configs_tenant_name_idx");
        builder.HasIndex(static c => new { c.TenantId, c.ProviderType, c.Enabled }).HasDatabaseName("provider_configs_tenant_enabled_idx");
        builder.HasIndex(static c => new { c.TenantId, c.ProviderType, c.Priority })
            .HasDatabaseName("provider_configs_tenant_priority_idx");
    }

    public void Configure(EntityTypeBuilder<ConfigVersion> builder)
    {
        builder.ToTable("config_versions");
        builder.HasKey(static v => v.Id).HasName("config_versions_pkey");
        builder.Property(static v => v.Id).HasDefaultValueSql("gen_random_uuid()");
        builder.Property(static v => v.TenantId).HasMaxLength(255);
        builder.Property(static v => v.ProviderType).HasMaxLength(50);
        builder.Property(static v => v.ProviderName).HasMaxLength(100);
        builder.Property(static v => v.Priority).HasMaxLength(20);
        builder.Property(static v => v.ConfigData).HasColumnType("jsonb");
        builder.Property(static v => v.ChangeType).HasMaxLength(20);
        builder.Property(static v => v.ChangedBy).HasMaxLength(255);
        builder.HasIndex(static v => v.ConfigId).HasDatabaseName("config_versions_config_idx");
        builder.HasIndex(static v => v.TenantId).HasDatabaseName("config_versions_tenant_idx");
        builder.HasIndex(static v => new { v.ConfigId, v.Version }).IsUnique().HasDatabaseName("config_versions_config_version_key");
        builder.HasIndex(static v => new { v.TenantId, v.ChangedAt }).HasDatabaseName("config_versions_tenant_time_idx");
        builder.HasIndex(static v => new { v.TenantId, v.ProviderType, v.ChangedAt }).HasDatabaseName("config_versions_tenant_type_idx");
        builder.HasIndex(static v => new { v.TenantId, v.ProviderType, v.ProviderName, v.Version })
            .HasDatabaseName("config_versions_provider_idx");
        builder.HasIndex(static v => new { v.TenantId, v.Sequence }).IsUnique().HasDatabaseName("config_versions_tenant_sequence_key");
    }
}
