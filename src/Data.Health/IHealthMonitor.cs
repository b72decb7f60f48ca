using Data.Health.History;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>Reads the health of the service inside the process, without any call to a dependency.</summary>
/// <remarks>Thread-safe; a singleton. Reading costs no round trip.</remarks>
public interface IHealthMonitor
{
    /// <summary>
    /// Status of the whole service: unhealthy if a critical contributor is down; degraded if an optional one is down or any is degraded.
    /// </summary>
    HealthStatus Status { get; }

    /// <summary>Returns every contributor's current state, in order of registration.</summary>
    /// <returns>A new list that the caller owns; empty if nothing is registered.</returns>
    IReadOnlyList<ContributorHealth> Read();

    /// <summary>Returns one contributor's current state.</summary>
    /// <param name="contributor">Its name, case-insensitive.</param>
    /// <returns>The contributor, or <see langword="null"/> if no contributor has that name.</returns>
    ContributorHealth? Find(string contributor);

    /// <summary>Returns the last changes of one contributor, oldest first.</summary>
    /// <param name="contributor">Its name, case-insensitive.</param>
    /// <returns>A new list that the caller owns; empty if the contributor is unknown or was never evaluated.</returns>
    IReadOnlyList<HealthChange> History(string contributor);

    /// <summary>Evaluates one contributor now, or joins the evaluation in progress, and returns its state afterwards.</summary>
    /// <param name="contributor">Its name, case-insensitive.</param>
    /// <param name="cancellation">Ends the wait, not the evaluation, which other callers may share.</param>
    /// <returns>The contributor after the evaluation.</returns>
    /// <exception cref="ArgumentException">No contributor has that name.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    Task<ContributorHealth> EvaluateAsync(string contributor, CancellationToken cancellation = default);
}
