namespace Data.Resilience.Repositories;

/// <summary>An entity that knows when it was added; repositories set it from <see cref="TimeProvider"/>.</summary>
public interface IHasCreationTime
{
    /// <summary>When the entity was added, in UTC, to the microsecond.</summary>
    DateTimeOffset CreatedAt { get; set; }
}
