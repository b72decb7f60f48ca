using ConfigurationService.Errors;

namespace ConfigurationService.Http;

/// <summary>What a write expects to find: one of these entity tags, or anything at all for <c>*</c>.</summary>
internal sealed record Precondition(IReadOnlyList<string> Tags)
{
    /// <summary>Refuses the write when what is there (null: nothing) is not what the caller has seen.</summary>
    public void Demand(string? current)
    {
        if (current is not null && (Tags.Contains("*", StringComparer.Ordinal) || Tags.Contains(current, StringComparer.Ordinal)))
            return;
        throw new ProblemException(Problems.PreconditionFailed, current is null
            ? "If-Match was given, and there is nothing here."
            : $"The current ETag is {current}. Read again, decide again, and send that one.");
    }

    /// <summary>
    /// Whether what is cached may be older than the database after a write that failed: its outcome is not known, or what it found there is
    /// not what its caller has read. Any other refusal has changed and shown nothing.
    /// </summary>
    public static bool LeavesDoubt(Exception exception) =>
        exception is not ProblemException { Kind: var kind } || kind == Problems.PreconditionFailed || kind == Problems.NotFound;
}
