using Data.Resilience.Connections;

namespace Data.Resilience.Replicas;

/// <summary>
/// One replica: its node, what the last checks found, and whether it serves. Checked by one thread at a time, read by all.
/// </summary>
internal sealed class Replica(DatabaseNode node, ReplicaOptions options)
{
    private volatile NodePosition? _position;
    private volatile ReplicaState _state;
    private long _coveredAt;
    private int _failures;
    private int _successes;

    public DatabaseNode Node { get; } = node;

    public ReplicaState State => _state;

    public bool CanServe => _state == ReplicaState.Serving && Node.Circuit.RetryAfter == TimeSpan.Zero;

    /// <summary>The process's time stamp as of which it has everything; 0 while unknown.</summary>
    public long CoveredAt => Volatile.Read(ref _coveredAt);

    /// <summary>
    /// Whether it is known to have replayed a commit. What is replayed stays so, hence an old observation is as good as a new one.
    /// </summary>
    public bool Has(in CommitToken token) => Has(_position, token);

    public static bool Has(NodePosition? position, in CommitToken token) =>
        position is { IsStandby: true } && position.SystemIdentifier == token.SystemIdentifier && position.Timeline == token.Timeline
            && position.Position >= token.Position;

    /// <summary>Takes in a check; returns the state before when it changed.</summary>
    /// <param name="position">Reported position; null when the replica did not answer.</param>
    /// <param name="finding">What follows from that.</param>
    /// <param name="coveredAt">As of when it has everything, null when that is not known.</param>
    public ReplicaState? Note(NodePosition? position, ReplicaState finding, long? coveredAt)
    {
        var before = _state;
        if (position is not null)
            _position = position;
        if (coveredAt is { } known)
            Volatile.Write(ref _coveredAt, known);

        if (finding == ReplicaState.Serving)
        {
            _failures = 0;
            if (before != ReplicaState.Serving && ++_successes >= options.RecoveryThreshold)
                _state = ReplicaState.Serving;
        }
        else
        {
            _successes = 0;
            // Silence may pass; a server that says it is something else is believed at once.
            if (before != ReplicaState.Serving || finding != ReplicaState.Unreachable || ++_failures >= options.FailureThreshold)
                _state = finding;
        }

        return _state == before ? null : before;
    }
}
