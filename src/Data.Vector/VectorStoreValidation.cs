namespace Data.Vector;

/// <summary>The outcome of <see cref="IVectorStore.ValidateAsync"/>.</summary>
public sealed record VectorStoreValidation
{
    /// <summary>Whether every step worked.</summary>
    public required bool Succeeded { get; init; }

    /// <summary>
    /// The first step that failed: <c>connect</c>, <c>create</c>, <c>write</c>, <c>search</c>, <c>read</c> or <c>delete</c>; null when none
    /// did.
    /// </summary>
    public string? FailedStep { get; init; }

    /// <summary>Why the step failed, in one sentence without secrets; null when none did.</summary>
    public string? Reason { get; init; }

    /// <summary>What was thrown, for logs; null when nothing was.</summary>
    public Exception? Exception { get; init; }

    /// <summary>How long the whole validation took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>How long each step took, in order, up to and including the one that failed.</summary>
    public IReadOnlyList<KeyValuePair<string, TimeSpan>> Steps { get; init; } = [];
}
