using Data.Resilience.Commits;

namespace Data.Resilience.Savepoints;

/// <summary>Savepoints of a transaction, whoever made them, with what had been collected for its commit by then.</summary>
internal sealed class SavepointTrail
{
    private readonly List<(string Name, int[] Counts)> _savepoints = [];

    /// <summary>
    /// Whether the transaction went back to a savepoint that is not known, so that it is not known which of the items are left.
    /// </summary>
    public bool IsLost { get; private set; }

    public void Created(string name, IReadOnlyList<ICommitStep>? steps) =>
        _savepoints.Add((name, steps is null ? [] : [.. steps.Select(static step => step.Count)]));

    public void Released(string name)
    {
        if (IndexOf(name) is var index and >= 0)
            _savepoints.RemoveRange(index, _savepoints.Count - index);
    }

    /// <summary>Drops the items that were collected since the savepoint, which stays.</summary>
    public void RolledBack(string name, IReadOnlyList<ICommitStep>? steps)
    {
        var index = IndexOf(name);
        if (index < 0)
        {
            // A command that failed may not have got as far as its own rollback, for which items were dropped.
            IsLost |= steps is { Count: > 0 };
            return;
        }

        _savepoints.RemoveRange(index + 1, _savepoints.Count - index - 1);
        var counts = _savepoints[index].Counts;
        for (var step = 0; step < steps?.Count; step++)
            steps[step].Truncate(step < counts.Length ? counts[step] : 0);
    }

    // The latest of several with one name counts. The server folds the case of a name without quotes.
    private int IndexOf(string name) =>
        _savepoints.FindLastIndex(savepoint => string.Equals(savepoint.Name, name, StringComparison.OrdinalIgnoreCase));
}
