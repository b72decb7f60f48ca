using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Data.Vector;

/// <summary>Checks the vector store by <see cref="IVectorStore.ValidateAsync"/>.</summary>
/// <remarks>
/// The description names the step that failed, never an address or an exception's text. A store that fails is reported with the
/// failure status of the registration, or as degraded; one that works with <see cref="VectorStoreValidation.Warnings"/> as degraded.
/// </remarks>
/// <example><code>
/// services.AddHealthChecks().AddCheck&lt;VectorStoreHealthCheck&gt;("vector-store");
/// </code></example>
public sealed class VectorStoreHealthCheck(IVectorStore store) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var validation = await store.ValidateAsync(cancellationToken).ConfigureAwait(false);
        var data = validation.Steps
            .ToDictionary(static step => $"{step.Key}_ms", static step => (object)step.Value.TotalMilliseconds, StringComparer.Ordinal);
        if (validation.Succeeded && validation.Warnings.Count > 0)
            return HealthCheckResult.Degraded(string.Join(' ', validation.Warnings), data: data);

        return validation.Succeeded
            ? HealthCheckResult.Healthy(
                data.Count > 1 ? "The probe record was written, found, read and deleted." : "The store answers.",
                data)
            : new HealthCheckResult(
                context.Registration?.FailureStatus ?? HealthStatus.Degraded,
                $"The probe failed at step '{validation.FailedStep}'.",
                validation.Exception,
                data);
    }
}
