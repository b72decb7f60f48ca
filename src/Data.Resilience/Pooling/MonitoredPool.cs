using System.Collections.Concurrent;
using System.Data;
using System.Diagnostics;
using Npgsql;

namespace Data.Resilience.Pooling;

/// <summary>What is known of one data source's pool.</summary>
internal sealed class MonitoredPool
{
    private const int LongestHeldCount = 5;

    private readonly ConcurrentDictionary<NpgsqlConnection, ConnectionLease> _leases = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<int, long> _lastUse = new();
    private readonly PoolMonitor _monitor;
    private readonly StateChangeEventHandler _onStateChange;
    private int _waiting;
    private long _exhausted;
    private long _failed;

    public MonitoredPool(string name, NpgsqlDataSource dataSource, PoolMonitor monitor)
    {
        Name = name;
        MaxSize = new NpgsqlConnectionStringBuilder(dataSource.ConnectionString).MaxPoolSize;
        _monitor = monitor;
        _onStateChange = OnStateChange;
        Tag = new("db.client.connection.pool.name", name);
    }

    public string Name { get; }

    public int MaxSize { get; }

    public KeyValuePair<string, object?> Tag { get; }

    public int Waiting => Volatile.Read(ref _waiting);

    public long Exhausted => Volatile.Read(ref _exhausted);

    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Whether sessions hold every connection that the pool may open.</summary>
    public bool IsFull => _leases.Count >= MaxSize;

    public IEnumerable<ConnectionLease> Leases => _leases.Select(l => l.Value);

    public void BeginWait() => Interlocked.Increment(ref _waiting);

    public void EndWait() => Interlocked.Decrement(ref _waiting);

    public void NoteFailure() => Interlocked.Increment(ref _failed);

    public void Track(NpgsqlConnection connection, int processId, StackTrace? stack)
    {
        _leases[connection] = new ConnectionLease(_monitor.Time.GetTimestamp(), processId, stack);
        connection.StateChange += _onStateChange;
    }

    public ConnectionLease? Find(NpgsqlConnection connection) => _leases.GetValueOrDefault(connection);

    /// <summary>Returns how long the connection was idle; null when this pool has not seen it before.</summary>
    public TimeSpan? IdleTime(int processId) =>
        _lastUse.TryGetValue(processId, out var last) ? _monitor.Time.GetElapsedTime(last) : null;

    public void Forget(int processId) => _lastUse.TryRemove(processId, out _);

    public PoolExhaustedException Exhaust(TimeSpan waited, Exception exception)
    {
        Interlocked.Increment(ref _exhausted);
        var longestHeld = Leases.OrderBy(l => l.OpenedAt).Take(LongestHeldCount)
            .Select(l => new HeldConnection(l.Session, _monitor.Time.GetElapsedTime(l.OpenedAt), l.Stack?.ToString()))
            .ToList();
        return new PoolExhaustedException(Name, MaxSize, Waiting, waited, longestHeld, exception);
    }

    private void OnStateChange(object sender, StateChangeEventArgs e)
    {
        if (e.CurrentState is not ConnectionState.Closed || !_leases.TryRemove((NpgsqlConnection)sender, out var lease))
            return;
        ((NpgsqlConnection)sender).StateChange -= _onStateChange;
        if (_monitor.Options.PrePingAfter is not null)
            NoteUse(lease.ProcessId);
        _monitor.Returned(this, lease);
    }

    private void NoteUse(int processId)
    {
        // Backends come and go; forgetting all of them costs at most one untried connection each.
        if (_lastUse.Count > MaxSize * 4)
            _lastUse.Clear();
        _lastUse[processId] = _monitor.Time.GetTimestamp();
    }
}
