using System.Text.Json;
using ConfigurationService.Hub;
using ConfigurationService.Keys;
using ConfigurationService.Providers;

namespace ConfigurationService.Hosting;

/// <summary>
/// Takes every read's path once before requests are served: compiling it and opening the first connection would take the first caller most
/// of a second.
/// </summary>
internal sealed partial class ReadWarmUp(ApiKeyDirectory keys, ProviderCache providers, HubStore hub, ILogger<ReadWarmUp> logger)
{
    // A name that no tenant or service can have, so that no entry of theirs is made.
    private const string Nobody = " ";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await keys.FindAsync(ApiKeySecret.Create(), cancellationToken);
            var tenant = await providers.ReadAllAsync(Nobody, cancellationToken);
            await providers.ReadAsync(Nobody, ProviderTypes.All[0], cancellationToken);
            await hub.ReadAsync(Nobody, cancellationToken);
            JsonSerializer.SerializeToUtf8Bytes(tenant, ProviderJson.Default.TenantView);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Failed(logger, e);
        }
    }

    [LoggerMessage(5002, LogLevel.Warning, "The reads could not be warmed up; the first ones take longer.")]
    private static partial void Failed(ILogger logger, Exception exception);
}
