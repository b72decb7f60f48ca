namespace Data.Cache.Stampede;

/// <summary>Flights that wait for another node to finish a key; its message wakes them.</summary>
internal sealed class KeyWaiters
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<TaskCompletionSource>> _waiters = new(StringComparer.Ordinal);

    /// <summary>Starts listening. Must precede the request for the lease, so that no message falls in between.</summary>
    public Waiter Listen(string name)
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!_waiters.TryGetValue(name, out var list))
                _waiters.Add(name, list = []);
            list.Add(source);
        }

        return new Waiter(this, name, source);
    }

    public void Wake(string name)
    {
        List<TaskCompletionSource>? list;
        lock (_lock)
        {
            if (!_waiters.Remove(name, out list))
                return;
        }

        foreach (var source in list)
            source.TrySetResult();
    }

    public void WakeAll()
    {
        List<TaskCompletionSource> all;
        lock (_lock)
        {
            all = [.. _waiters.Values.SelectMany(static list => list)];
            _waiters.Clear();
        }

        foreach (var source in all)
            source.TrySetResult();
    }

    private void Remove(string name, TaskCompletionSource source)
    {
        lock (_lock)
        {
            if (_waiters.TryGetValue(name, out var list) && list.Remove(source) && list.Count == 0)
                _waiters.Remove(name);
        }
    }

    /// <summary>A registered waiter; disposing it stops listening.</summary>
    internal readonly struct Waiter(KeyWaiters owner, string name, TaskCompletionSource source) : IDisposable
    {
        public Task Task => source.Task;

        public void Dispose() => owner.Remove(name, source);
    }
}
