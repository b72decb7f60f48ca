using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Health.Contributors.Application;

/// <summary>
/// A store proven by a real write, search and delete of a probe document once, and by a cheap operation from then on. While the proof has
/// not succeeded each run tries it again.
/// </summary>
internal sealed class VectorStoreCheck(Func<CancellationToken, Task> proof, Func<CancellationToken, Task> check) : IHealthCheck
{
    private volatile bool _proven;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var first = !_proven;
        await (first ? proof : check)(cancellationToken).ConfigureAwait(false);
        _proven = true;
        return new Outcome().With("proof", first ? "write-search-delete" : "cheap").Result();
    }
}
