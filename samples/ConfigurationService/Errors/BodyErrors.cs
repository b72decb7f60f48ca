namespace ConfigurationService.Errors;

/// <summary>Gathers every fault of a body, so that a caller sees all of them at once.</summary>
internal sealed class BodyErrors
{
    private readonly List<ProblemError> _errors = [];
    private readonly List<ProblemKind> _kinds = [];

    public void Add(ProblemKind kind, string pointer, string detail)
    {
        _kinds.Add(kind);
        _errors.Add(new ProblemError(pointer, kind.Code, detail));
    }

    /// <summary>Throws when there is any fault: with its own code when all are of one kind, else <c>validation_failed</c>.</summary>
    public void ThrowIfAny()
    {
        if (_errors.Count == 0)
            return;
        var kind = _kinds.TrueForAll(k => k == _kinds[0]) ? _kinds[0] : Problems.ValidationFailed;
        var more = _errors.Count == 1 ? "" : $" ({_errors.Count - 1} more in errors)";
        throw new ProblemException(kind, $"{_errors[0].Pointer}: {_errors[0].Detail}{more}", _errors);
    }
}
