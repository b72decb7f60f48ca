using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ConfigurationService.Persistence.Model;

/// <summary>How the tables of keys are mapped.</summary>
internal sealed class KeyModel :
    IEntityTypeConfiguration<ApiKey>,
    IEntityTypeConfiguration<TenantDataKey>,
    IEntityTypeConfiguration<KnownKeyEncryptionKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> builder)
    {
        builder.ToTable("api_keys");
        builder.HasKey(static k => k.Id).HasName("api_keys_pkey");
        builder.Property(static k => k.Id).HasDefaultValueSql("gen_random_uuid()");
        builder.Property(static k => k.Name).HasMaxLength(100);
        builder.Property(static k => k.Hint).HasMaxLength(12);
        builder.Property(static k => k.TenantId).HasMaxLength(255);
        builder.Property(static k => k.CreatedBy).HasMaxLength(255);
        builder.HasIndex(static k => k.KeyHash).IsUnique().HasDatabaseName("api_keys_key_hash_key");
        builder.HasIndex(static k => k.TenantId).HasDatabaseName("api_keys_tenant_idx");
    }

    public void Configure(EntityTypeBuilder<TenantDataKey> builder)
    {
        builder.ToTable("tenant_data_keys");
        builder.HasKey(static k => new { k.TenantId, k.KeyVersion }).HasName("tenant_data_keys_pkey");
        builder.Property(static k => k.TenantId).HasMaxLength(255);
        builder.Property(static k => k.KekId).HasMaxLength(32);
        builder.HasOne<KnownKeyEncryptionKey>().WithMany().HasForeignKey(static k => k.KekId)
            .HasConstraintName("tenant_data_keys_kek_id_fkey").OnDelete(DeleteBehavior.NoAction);
        builder.HasIndex(static k => k.KekId).HasDatabaseName("tenant_data_keys_kek_idx");
    }

    public void Configure(EntityTypeBuilder<KnownKeyEncryptionKey> builder)
    {
        builder.ToTable("key_encryption_keys");
        builder.HasKey(static k => k.KekId).HasName("key_encryption_keys_pkey");
        builder.Property(static k => k.KekId).HasMaxLength(32);
    }
}
