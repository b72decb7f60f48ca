using Data.Resilience.Connections;
using Data.Resilience.Sessions;

namespace Data.Resilience.Replicas;

/// <summary>Sends a read to the next replica that is fresh enough for it, and everything else to the primary.</summary>
internal sealed class ReplicaRouter(ReplicaMonitor monitor, ReplicaOptions options) : ISessionRouter
{
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(20);
    private uint _turn;

    public ValueTask<DatabaseNode> RouteAsync(
        DbSessionKind kind,
        DbSessionOptions session,
        int attempt,
        CancellationToken cancellationToken)
    {
        monitor.Start();
        // A replica that failed an attempt may fail the next one too; the primary will not be stale.
        if (kind == DbSessionKind.Write || attempt > 1 || session.Consistency is not { } consistency)
            return ValueTask.FromResult(monitor.Primary);

        if (consistency.MaxStaleness is { } bound)
        {
            return ValueTask.FromResult(
                Count(Next(bound, static (replica, state) => state.Monitor.StalenessOf(replica) <= state.Wanted)?.Node ?? monitor.Primary));
        }

        if (consistency.Token is not { } text)
            return ValueTask.FromResult(monitor.Primary);

        // Any token is honoured by the primary, also one of another history, or one that a client made up.
        if (!CommitToken.TryParse(text, out var token) || token.Position == ulong.MaxValue || !monitor.IsCurrent(token))
            return ValueTask.FromResult(Count(monitor.Primary));

        if (Next(token, static (replica, state) => replica.Has(state.Wanted)) is { } ready)
            return ValueTask.FromResult(Count(ready.Node));

        var candidate = Next(token, static (_, _) => true);
        return candidate is null || options.TokenWait == TimeSpan.Zero ?
            ValueTask.FromResult(Count(monitor.Primary)) :
            WaitAsync(candidate, token, cancellationToken);
    }

    /// <summary>Whether a node is one of the replicas.</summary>
    public bool Has(DatabaseNode node) => Array.Exists(monitor.Replicas, replica => replica.Node == node);

    private async ValueTask<DatabaseNode> WaitAsync(Replica replica, CommitToken token, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(options.TokenWait, monitor.Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            for (var delay = FirstPoll; ; delay = delay * 2 < LongestPoll ? delay * 2 : LongestPoll)
            {
                if (Replica.Has(await NodePosition.ReadAsync(replica.Node.DataSource, linked.Token).ConfigureAwait(false), token))
                    return Count(replica.Node);

                await Task.Delay(delay, monitor.Time, linked.Token).ConfigureAwait(false);
            }
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Too late, or the replica is gone.
            return Count(monitor.Primary);
        }
    }

    private Replica? Next<TWanted>(TWanted wanted, Func<Replica, (ReplicaMonitor Monitor, TWanted Wanted), bool> suits)
    {
        var replicas = monitor.Replicas;
        var turn = Interlocked.Increment(ref _turn);
        for (var i = 0; i < replicas.Length; i++)
        {
            var replica = replicas[(turn + (uint)i) % (uint)replicas.Length];
            if (replica.CanServe && suits(replica, (monitor, wanted)))
                return replica;
        }

        return null;
    }

    private DatabaseNode Count(DatabaseNode node)
    {
        monitor.Instruments.Routed(node);
        return node;
    }
}
