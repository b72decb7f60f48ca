namespace ConfigurationService.Persistence.Model;

/// <summary>
/// A row of <c>key_encryption_keys</c>: the name of a key-encryption key that this database's data keys are wrapped with.
/// </summary>
internal sealed class KnownKeyEncryptionKey
{
    public required string KekId { get; set; }

    public DateTime CreatedAt { get; set; }
}
