namespace Data.Resilience.Repositories;

/// <summary>Thrown when an entity that must exist does not.</summary>
public sealed class EntityNotFoundException : DataResilienceException
{
    internal EntityNotFoundException(Type entityType)
        : base($"There is no {entityType.Name} with the requested key.") => EntityType = entityType;

    /// <summary>The entity's type. The key itself is left out, as it may be personal data.</summary>
    public Type EntityType { get; }
}
