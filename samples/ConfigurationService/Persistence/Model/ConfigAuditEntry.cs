namespace ConfigurationService.Persistence.Model;

/// <summary>A row of <c>config_audit_log</c>: one change of a service's configuration. Written by triggers alone.</summary>
internal sealed class ConfigAuditEntry
{
    public long Id { get; set; }

    public required string ServiceName { get; set; }

    public required string Config { get; set; }

    public int Version { get; set; }

    public required string Action { get; set; }

    public required string ChangedBy { get; set; }

    public DateTime ChangedAt { get; set; }

    public string? Reason { get; set; }

    public string? Description { get; set; }

    public required string[] Tags { get; set; }

    public int? RolledBackTo { get; set; }

    public long Sequence { get; set; }

    public required byte[] PreviousHash { get; set; }

    public required byte[] Hash { get; set; }
}
