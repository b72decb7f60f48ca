namespace ConfigurationService.Persistence.Model;

/// <summary>A row of <c>service_configs</c>: what the hub tells one service.</summary>
internal sealed class ServiceConfig
{
    public required string ServiceName { get; set; }

    public required string ConfigJson { get; set; }

    public int Version { get; set; }

    public DateTime CreatedAt { get; set; }

    public DateTime UpdatedAt { get; set; }

    public required string CreatedBy { get; set; }

    public required string UpdatedBy { get; set; }

    public string? Description { get; set; }

    public required string[] Tags { get; set; }

    public bool Active { get; set; }
}
