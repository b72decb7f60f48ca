using Data.Resilience.Connections;

namespace Data.Resilience.Sessions;

/// <summary>
/// Chooses the node of an attempt. At most one, a keyed singleton under <c>typeof(TContext)</c>; without one the primary serves everything.
/// </summary>
internal interface ISessionRouter
{
    /// <summary>Returns the node. Completes synchronously unless it has to wait for a replica.</summary>
    /// <param name="kind">Read or write.</param>
    /// <param name="options">The caller's options, with <see cref="DbSessionOptions.Consistency"/>.</param>
    /// <param name="attempt">1 for the first attempt; a retry may want another node.</param>
    /// <param name="cancellationToken">The caller's.</param>
    ValueTask<DatabaseNode> RouteAsync(DbSessionKind kind, DbSessionOptions options, int attempt, CancellationToken cancellationToken);

    /// <summary>
    /// Tells whether a session on the node can also serve what the calling flow asks for now; a nested call joins it only then.
    /// </summary>
    bool Serves(DatabaseNode node) => true;

    /// <summary>Every node that write sessions may go to, when that is not the primary alone; null otherwise.</summary>
    IReadOnlyList<DatabaseNode>? WriteNodes => null;
}
