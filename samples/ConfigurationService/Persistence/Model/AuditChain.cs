namespace ConfigurationService.Persistence.Model;

/// <summary>A row of <c>audit_chains</c>: the newest entry of one hash chain.</summary>
internal sealed class AuditChain
{
    public required string Scope { get; set; }

    public required string Name { get; set; }

    public long Sequence { get; set; }

    public required byte[] Hash { get; set; }
}
