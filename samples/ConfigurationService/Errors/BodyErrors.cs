namespace ConfigurationService.Errors;

/// <summary>Gathers every fault of a body, so that a caller sees all of them at once.</summary>
internal sealed class BodyErrors
{
    // A body of a few bytes per fault must not become an answer of megabytes.
    private const int MaxTold = 50;
    private const int MaxPointers = 65_536;

    private readonly List<ProblemError> _errors = [];
    private readonly HashSet<ProblemKind> _kinds = [];
    private int _count;
    private int _pointers;

    public void Add(ProblemKind kind, string pointer, string detail)
    {
        _count++;
        _kinds.Add(kind);
        _pointers += pointer.Length;
        if (_errors.Count < MaxTold && _pointers <= MaxPointers)
            _errors.Add(new ProblemError(pointer, kind.Code, detail));
    }

    /// <summary>Throws when there is any fault: with its own code when all are of one kind, else <c>validation_failed</c>.</summary>
    public void ThrowIfAny()
    {
        if (_count == 0)
            return;
        var kind = _kinds.Count == 1 ? _kinds.Single() : Problems.ValidationFailed;
        var more = _count == 1 ? "" : $" ({_count - 1} more{(_count > _errors.Count ? $", {_errors.Count} in errors" : " in errors")})";
        var first = _errors.Count > 0 ? $"{_errors[0].Pointer}: {_errors[0].Detail}" : "A member with a very long name is not valid.";
        throw new ProblemException(kind, first + more, _errors);
    }
}
