using Data.Health.History;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Evaluation;

/// <summary>Reads the health of the service inside the process, without touching any dependency.</summary>
/// <remarks>Thread-safe; a singleton. Reading costs no round trip.</remarks>
public interface IHealthMonitor
{
    /// <summary>
    /// The status of the whole: a critical contributor down is unhealthy, an optional one down or anything degraded is degraded.
    /// </summary>
    HealthStatus Status { get; }

    /// <summary>Every contributor as it stands now, in order of registration.</summary>
    /// <returns>A new list that the caller owns; empty if nothing is registered.</returns>
    IReadOnlyList<ContributorHealth> Read();

    /// <summary>One contributor as it stands now.</summary>
    /// <param name="contributor">Its name, case-insensitive.</param>
    /// <returns>The contributor, or <see langword="null"/> if there is none of that name.</returns>
    ContributorHealth? Find(string contributor);

    /// <summary>The last changes of one contributor, oldest first.</summary>
    /// <param name="contributor">Its name, case-insensitive.</param>
    /// <returns>A new list that the caller owns; empty if the contributor is unknown or was never evaluated.</returns>
    IReadOnlyList<HealthChange> History(string contributor);

    /// <summary>Evaluates one contributor now, or joins the evaluation under way, and returns how it stands then.</summary>
    /// <param name="contributor">Its name, case-insensitive.</param>
    /// <param name="cancellation">Ends the wait, not the evaluation that others may share.</param>
    /// <returns>The contributor after the evaluation.</returns>
    /// <exception cref="ArgumentException">No contributor has that name.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    Task<ContributorHealth> EvaluateAsync(string contributor, CancellationToken cancellation = default);
}
