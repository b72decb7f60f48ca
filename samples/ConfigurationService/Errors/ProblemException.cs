namespace ConfigurationService.Errors;

/// <summary>
/// Ends a request with a problem. Its detail is written for the caller and never holds a value that the caller may not see.
/// </summary>
internal sealed class ProblemException(ProblemKind kind, string detail, IReadOnlyList<ProblemError>? errors = null, Exception? inner = null)
    : Exception(detail, inner)
{
    public ProblemKind Kind { get; } = kind;

    public IReadOnlyList<ProblemError>? Errors { get; } = errors;
}
