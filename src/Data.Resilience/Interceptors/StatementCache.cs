using System.Collections.Concurrent;

namespace Data.Resilience.Interceptors;

/// <summary>
/// Statements by command text, bounded. Two generations: when the young one is full it becomes the old one, and what is still used
/// moves back on its next use. Texts with inlined literals therefore cannot grow it without end, and a hit costs one look-up.
/// </summary>
internal sealed class StatementCache(int capacity, Func<string, Statement> create)
{
    private readonly int _generationSize = Math.Max(capacity / 2, 1);
    private readonly Lock _turn = new();
    private ConcurrentDictionary<string, Statement> _young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, Statement> _old = new(StringComparer.Ordinal);
    private int _youngCount;

    public Statement Get(string commandText)
    {
        if (Volatile.Read(ref _young).TryGetValue(commandText, out var statement))
            return statement;
        if (!Volatile.Read(ref _old).TryGetValue(commandText, out statement))
            statement = create(commandText);
        if (_young.TryAdd(commandText, statement) && Interlocked.Increment(ref _youngCount) >= _generationSize)
            Turn();
        return statement;
    }

    private void Turn()
    {
        lock (_turn)
        {
            if (_youngCount < _generationSize)
                return;
            Volatile.Write(ref _old, _young);
            Volatile.Write(ref _young, new ConcurrentDictionary<string, Statement>(StringComparer.Ordinal));
            _youngCount = 0;
        }
    }
}
