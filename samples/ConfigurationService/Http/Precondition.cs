using ConfigurationService.Errors;

namespace ConfigurationService.Http;

/// <summary>What a write expects to find. <c>*</c> stands for anything at all.</summary>
/// <param name="Match">One of these must be there; null for no such wish.</param>
/// <param name="NoneMatch">None of these may be there; null for no such wish.</param>
internal sealed record Precondition(IReadOnlyList<string>? Match, IReadOnlyList<string>? NoneMatch)
{
    /// <summary>Refuses the write when what is there (null: nothing) is not what the caller has seen.</summary>
    public void Demand(string? current)
    {
        if (Match is { } match && !IsAmong(match, current))
        {
            throw new ProblemException(Problems.PreconditionFailed, current is null
                ? "If-Match was given, and there is nothing here."
                : $"The current ETag is {current}. Read again, decide again, and send that one.");
        }

        if (NoneMatch is { } none && IsAmong(none, current))
            throw new ProblemException(Problems.PreconditionFailed, $"If-None-Match was given, and {current} is here.");
    }

    /// <summary>
    /// Whether what is cached may be older than the database after a write that failed: its outcome is not known, or what it found there is
    /// not what its caller has read. Any other refusal has changed and shown nothing.
    /// </summary>
    public static bool LeavesDoubt(Exception exception) =>
        exception is not ProblemException { Kind: var kind } || kind == Problems.PreconditionFailed || kind == Problems.NotFound;

    private static bool IsAmong(IReadOnlyList<string> tags, string? current) =>
        current is not null && (tags.Contains("*", StringComparer.Ordinal) || tags.Contains(current, StringComparer.Ordinal));
}
