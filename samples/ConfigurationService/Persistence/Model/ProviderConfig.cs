namespace ConfigurationService.Persistence.Model;

/// <summary>A row of <c>provider_configs</c>: a tenant's settings for one provider.</summary>
internal sealed class ProviderConfig
{
    public Guid Id { get; set; }

    public required string TenantId { get; set; }

    public required string ProviderType { get; set; }

    public required string ProviderName { get; set; }

    public string? ApiKey { get; set; }

    public string? ApiSecret { get; set; }

    public required string Priority { get; set; }

    public bool Enabled { get; set; }

    public required string ConfigData { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    public required string CreatedBy { get; set; }

    public required string UpdatedBy { get; set; }

    public int Version { get; set; }
}
