namespace Data.Vector;

/// <summary>The outcome of <see cref="IVectorStore.ValidateAsync"/>.</summary>
public sealed record VectorStoreValidation
{
    /// <summary>Whether every step succeeded.</summary>
    public required bool Succeeded { get; init; }

    /// <summary>
    /// The first step that failed: <c>connect</c>, <c>create</c>, <c>write</c>, <c>search</c>, <c>read</c> or <c>delete</c>; null when no
    /// step failed.
    /// </summary>
    public string? FailedStep { get; init; }

    /// <summary>Why the step failed, in one sentence without secrets; null when no step failed.</summary>
    public string? Reason { get; init; }

    /// <summary>The exception, for logs; null when no step failed.</summary>
    public Exception? Exception { get; init; }

    /// <summary>
    /// What works less well than it should, each in one sentence without secrets: collections whose searches miss too many records, or
    /// whose records are damaged on disk. Empty when there is nothing to report; only the store in process reports.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The duration of the validation.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The duration of each step, in order, up to and including the one that failed.</summary>
    public IReadOnlyList<KeyValuePair<string, TimeSpan>> Steps { get; init; } = [];
}
