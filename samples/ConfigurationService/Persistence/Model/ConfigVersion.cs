namespace ConfigurationService.Persistence.Model;

/// <summary>A row of <c>config_versions</c>: one change of a provider's configuration. Written by triggers alone.</summary>
internal sealed class ConfigVersion
{
    public Guid Id { get; set; }

    public Guid ConfigId { get; set; }

    public required string TenantId { get; set; }

    public required string ProviderType { get; set; }

    public required string ProviderName { get; set; }

    public string? ApiKey { get; set; }

    public string? ApiSecret { get; set; }

    public required string Priority { get; set; }

    public bool Enabled { get; set; }

    public required string ConfigData { get; set; }

    public int Version { get; set; }

    public required string ChangeType { get; set; }

    public DateTime ChangedAt { get; set; }

    public required string ChangedBy { get; set; }

    public string? ChangeReason { get; set; }

    public int? RolledBackTo { get; set; }

    public long Sequence { get; set; }

    public required byte[] PreviousHash { get; set; }

    public required byte[] Hash { get; set; }
}
