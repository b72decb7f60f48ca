namespace Data.Resilience.Repositories;

/// <summary>Thrown when an entity was changed or deleted by someone else since it was read.</summary>
/// <remarks>Nothing was written for this entity and the transaction is still usable: merge, or reload and try again.</remarks>
public class ConcurrencyConflictException : DataResilienceException
{
    internal ConcurrencyConflictException(
        object mine,
        object? theirs,
        object? expectedVersion,
        object? currentVersion,
        Exception innerException)
        : base(
            $"{mine.GetType().Name} was {(theirs is null ? "deleted" : "changed")} since it was read"
            + (theirs is null ? "." : $": expected version {expectedVersion}, found {currentVersion}."),
            innerException)
    {
        Mine = mine;
        Theirs = theirs;
        ExpectedVersion = expectedVersion;
        CurrentVersion = currentVersion;
    }

    /// <summary>The entity as it was about to be written.</summary>
    public object Mine { get; }

    /// <summary>The entity as the database holds it now, untracked; null when it was deleted.</summary>
    public object? Theirs { get; }

    /// <summary>Value of the version column (xmin or the application's own) that the write expected.</summary>
    public object? ExpectedVersion { get; }

    /// <summary>Value of the version column now; null when the entity was deleted.</summary>
    public object? CurrentVersion { get; }
}

/// <summary>A conflict on an entity of a known type.</summary>
/// <typeparam name="T">The entity.</typeparam>
/// <inheritdoc cref="ConcurrencyConflictException" path="/remarks"/>
public sealed class ConcurrencyConflictException<T> : ConcurrencyConflictException
    where T : class
{
    internal ConcurrencyConflictException(T mine, T? theirs, object? expectedVersion, object? currentVersion, Exception innerException)
        : base(mine, theirs, expectedVersion, currentVersion, innerException)
    {
        Mine = mine;
        Theirs = theirs;
    }

    /// <inheritdoc cref="ConcurrencyConflictException.Mine"/>
    public new T Mine { get; }

    /// <inheritdoc cref="ConcurrencyConflictException.Theirs"/>
    public new T? Theirs { get; }
}
