namespace Data.Resilience.Repositories;

/// <summary>An entity that knows when it was last written; repositories set it from <see cref="TimeProvider"/>.</summary>
public interface IHasUpdateTime
{
    /// <summary>When the entity was added or last changed, in UTC, to the microsecond.</summary>
    DateTimeOffset UpdatedAt { get; set; }
}
