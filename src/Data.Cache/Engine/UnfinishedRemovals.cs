using System.Diagnostics.CodeAnalysis;

namespace Data.Cache.Engine;

/// <summary>Keys whose value in a distributed cache is out of date, because a write or removal has not reached it.</summary>
/// <param name="limit">How many are kept.</param>
/// <param name="onOverflow">Makes everything older void, in place of what was kept.</param>
internal sealed class UnfinishedRemovals(int limit, Action onOverflow)
{
    private readonly Lock _lock = new();

    // With the number of the latest change, so that the end of an older attempt does not count for it.
    private readonly Dictionary<string, long> _names = new(StringComparer.Ordinal);
    private volatile int _count;
    private bool _isRunning;
    private long _changes;

    public int Count => _count;

    public bool Covers(string name)
    {
        if (_count == 0)
            return false;
        lock (_lock)
            return _names.ContainsKey(name);
    }

    public void Add(string name)
    {
        var overflows = false;
        lock (_lock)
        {
            _names[name] = ++_changes;
            if (_names.Count > limit)
            {
                _names.Clear();
                overflows = true;
            }

            _count = _names.Count;
        }

        if (overflows)
            onOverflow();
    }

    /// <summary>Forgets a key whose value is right again.</summary>
    public void Finished(string name)
    {
        lock (_lock)
        {
            _names.Remove(name);
            _count = _names.Count;
        }
    }

    /// <summary>Returns a key to remove, unless another one is being removed. <see cref="End"/> follows.</summary>
    public bool TryBegin([NotNullWhen(true)] out string? name, out long change)
    {
        lock (_lock)
        {
            (name, change) = _isRunning ? default : _names.FirstOrDefault();
            if (name is null)
                return false;
            _isRunning = true;
            return true;
        }
    }

    public void End(string name, long change, bool succeeded)
    {
        lock (_lock)
        {
            _isRunning = false;
            if (succeeded && _names.TryGetValue(name, out var latest) && latest == change)
                _names.Remove(name);
            _count = _names.Count;
        }
    }
}
