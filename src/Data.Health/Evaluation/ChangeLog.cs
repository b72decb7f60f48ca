using Data.Health.History;

namespace Data.Health.Evaluation;

/// <summary>The last changes of one contributor, bounded in number.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ChangeLog(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<HealthChange> _changes = new();

    public void Add(HealthChange change)
    {
        lock (_lock)
        {
            if (_changes.Count == capacity)
                _changes.Dequeue();
            _changes.Enqueue(change);
        }
    }

    /// <summary>A copy, oldest first.</summary>
    public HealthChange[] ToArray()
    {
        lock (_lock)
            return [.. _changes];
    }
}
