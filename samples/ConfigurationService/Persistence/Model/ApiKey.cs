namespace ConfigurationService.Persistence.Model;

/// <summary>A row of <c>api_keys</c>: who may call, without what they call with.</summary>
internal sealed class ApiKey
{
    public Guid Id { get; set; }

    public required string Name { get; set; }

    public required byte[] KeyHash { get; set; }

    public required string Hint { get; set; }

    public string? TenantId { get; set; }

    public required string[] Scopes { get; set; }

    public bool Bootstrap { get; set; }

    public DateTime CreatedAt { get; set; }

    public required string CreatedBy { get; set; }

    public DateTime? ExpiresAt { get; set; }

    public DateTime? RevokedAt { get; set; }
}
