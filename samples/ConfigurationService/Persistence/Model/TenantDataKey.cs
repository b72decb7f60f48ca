namespace ConfigurationService.Persistence.Model;

/// <summary>A row of <c>tenant_data_keys</c>: a key that encrypts a tenant's secrets, itself wrapped.</summary>
internal sealed class TenantDataKey
{
    public required string TenantId { get; set; }

    public int KeyVersion { get; set; }

    public required string KekId { get; set; }

    public required byte[] WrappedKey { get; set; }

    public DateTime CreatedAt { get; set; }
}
