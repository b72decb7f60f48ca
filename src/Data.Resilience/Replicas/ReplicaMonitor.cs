using Data.Resilience.Connections;
using Microsoft.Extensions.Logging;

namespace Data.Resilience.Replicas;

/// <summary>Reads the positions of the primary and its replicas at intervals; ejects replicas and takes them back.</summary>
internal sealed partial class ReplicaMonitor : IAsyncDisposable
{
    private readonly DatabaseNode _primary;
    private readonly ReplicaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ReplicaInstruments _instruments;
    private readonly PrimaryHistory _history = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _start = new();
    private Task? _loop;

    public ReplicaMonitor(
        DatabaseNode primary,
        IEnumerable<DatabaseNode> replicas,
        ReplicaOptions options,
        TimeProvider time,
        ILogger<ReplicaMonitor> logger)
    {
        _primary = primary;
        _options = options;
        _time = time;
        _logger = logger;
        Replicas = [.. replicas.Select(node => new Replica(node, options))];
        _instruments = new ReplicaInstruments(GetStatus);
    }

    public Replica[] Replicas { get; }

    public DatabaseNode Primary => _primary;

    public TimeProvider Time => _time;

    public ReplicaInstruments Instruments => _instruments;

    /// <summary>Begins to check, once; a router calls it so that no host is needed.</summary>
    public void Start()
    {
        if (Volatile.Read(ref _loop) is not null)
            return;

        lock (_start)
            _loop ??= Task.Run(LoopAsync);
    }

    /// <summary>Whether positions of a token can be compared with those of the replicas.</summary>
    public bool IsCurrent(in CommitToken token) => _history.IsCurrent(token.SystemIdentifier, token.Timeline);

    /// <summary>An upper bound of the age of a replica's data; null while unknown.</summary>
    public TimeSpan? StalenessOf(Replica replica) => replica.CoveredAt is var covered and not 0 ? _time.GetElapsedTime(covered) : null;

    public IReadOnlyList<ReplicaStatus> GetStatus() =>
        [.. Replicas.Select(
            replica => new ReplicaStatus { Name = replica.Node.Name, State = replica.State, Staleness = StalenessOf(replica) })];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_loop is not null)
            await _loop.ConfigureAwait(false);
        _stop.Dispose();
        _instruments.Dispose();
        foreach (var replica in Replicas)
            await replica.Node.DisposeAsync().ConfigureAwait(false);
    }

    private async Task LoopAsync()
    {
        using var timer = new PeriodicTimer(_options.CheckInterval, _time);
        try
        {
            do
                await CheckAsync().ConfigureAwait(false);
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task CheckAsync()
    {
        var isPrimaryKnown = await CheckPrimaryAsync().ConfigureAwait(false);
        await Task.WhenAll(Replicas.Select(replica => CheckAsync(replica, isPrimaryKnown))).ConfigureAwait(false);
        _stop.Token.ThrowIfCancellationRequested();
    }

    private async Task<bool> CheckPrimaryAsync()
    {
        var asked = _time.GetTimestamp();
        var position = await AskAsync(_primary).ConfigureAwait(false);
        if (position is { IsStandby: true })
        {
            // Demoted: the next write looks for the new primary instead of failing first.
            _primary.Reroute();
            return false;
        }

        if (position is not null)
            _history.Add(position, asked);
        return position is not null;
    }

    private async Task CheckAsync(Replica replica, bool isPrimaryKnown)
    {
        var position = await AskAsync(replica.Node).ConfigureAwait(false);
        var isComparable = position is { IsStandby: true } && _history.IsCurrent(position.SystemIdentifier, position.Timeline);
        var coveredAt = isComparable ? _history.CoveredAt(position!.Position) : null;
        var finding = position switch
        {
            null => ReplicaState.Unreachable,
            { IsStandby: false } => ReplicaState.Promoted,
            // Without a primary to compare with nobody can tell; a read's own bound still counts.
            _ when !isPrimaryKnown => replica.State == ReplicaState.Serving ? ReplicaState.Serving : ReplicaState.Unknown,
            _ when !isComparable => ReplicaState.Diverged,
            _ when coveredAt is null || _time.GetElapsedTime(coveredAt.Value) > _options.MaxStaleness => ReplicaState.Lagging,
            _ => ReplicaState.Serving,
        };
        if (replica.Note(position, finding, coveredAt) is not { } before)
            return;

        if (replica.State == ReplicaState.Serving)
        {
            LogServes(_logger, replica.Node.Name, before);
            return;
        }

        if (replica.State == ReplicaState.Promoted && before != ReplicaState.Unknown)
            _primary.Reroute();
        if (before == ReplicaState.Serving)
            _instruments.Ejected(replica);
        LogEjected(_logger, replica.Node.Name, replica.State);
    }

    private async Task<NodePosition?> AskAsync(DatabaseNode node)
    {
        using var deadline = new CancellationTokenSource(_options.CheckTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stop.Token);
        try
        {
            return await NodePosition.ReadAsync(node.DataSource, linked.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Whatever is wrong with it, it is not to be used; the loop must live on to see it come back.
            LogCheckFailed(_logger, exception, node.Name);
            return null;
        }
    }

    [LoggerMessage(1601, LogLevel.Information, "Replica {Replica} serves reads (it was {Before})")]
    private static partial void LogServes(ILogger logger, string replica, ReplicaState before);

    [LoggerMessage(1602, LogLevel.Warning, "Replica {Replica} serves no reads: {State}")]
    private static partial void LogEjected(ILogger logger, string replica, ReplicaState state);

    [LoggerMessage(1603, LogLevel.Debug, "Asking {Node} for its position failed")]
    private static partial void LogCheckFailed(ILogger logger, Exception exception, string node);
}
