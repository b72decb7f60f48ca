using Data.Vector.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Data.Vector.DependencyInjection;

/// <summary>
/// Writes, finds, reads and deletes a probe record when the application starts, in the background: an unreachable store neither delays nor
/// stops the start.
/// </summary>
internal sealed class StartupProbe(IServiceProvider services, object? key, string name) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!services.GetRequiredService<IOptionsMonitor<DataVectorOptions>>().Get(name).ProbeOnStart)
            return;

        // What the store does before its first await, such as opening a folder, must not delay the start either.
        await Task.Yield();
        var store = services.GetRequiredKeyedService<IVectorStore>(key);
        var logger = (services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<StartupProbe>();
        try
        {
            var validation = await store.ValidateAsync(stoppingToken).ConfigureAwait(false);
            if (validation.Succeeded)
                VectorLog.ProbeSucceeded(logger, validation.Duration);
            else
                VectorLog.ProbeFailed(logger, validation.FailedStep ?? "", validation.Exception);
        }
        catch (OperationCanceledException)
        {
            // The application is stopping; the outcome no longer matters.
        }
    }
}
