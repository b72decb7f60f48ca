using Data.Vector.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Data.Vector.DependencyInjection;

/// <summary>
/// Proves the store with a real write, search, read and delete when the application starts, beside the start: a store that is away delays
/// nobody and stops nothing.
/// </summary>
internal sealed class VectorStoreStartup(IServiceProvider services, string name) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!services.GetRequiredService<IOptionsMonitor<VectorStoreOptions>>().Get(name).ProbeOnStart)
            return;

        // What the store does before its first await, opening a folder for example, is no part of the start either.
        await Task.Yield();
        var store = name == Options.DefaultName ?
            services.GetRequiredService<IVectorStore>() :
            services.GetRequiredKeyedService<IVectorStore>(name);
        var logger = (services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<VectorStoreStartup>();
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
            // The application stops again; whether the store works does not matter any more.
        }
    }
}
