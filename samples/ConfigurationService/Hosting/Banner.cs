using ConfigurationService.Settings;
using Data.Health.Startup;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ConfigurationService.Hosting;

/// <summary>Tells a person at a terminal where the service is, once it serves.</summary>
internal sealed class Banner(
    IServer server,
    ServiceSettings settings,
    IStartupGate gate,
    IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A host whose start fails is disposed of without having stopped: no fault of this service.
        await SayAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SayAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        await gate.WaitAsync(stoppingToken);
        // A test server listens nowhere.
        if (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address)
            Console.Out.WriteLine(TextFor(address));
    }

    private string TextFor(string address)
    {
        var admin = settings.Secrets.AdminKeyFile is { } file ? $"in {file}" : "in the setting Keys:Admin";
        var database = settings.Storage.Embedded ? $"private PostgreSQL in {settings.Storage.DataDirectory}" : "ConnectionStrings:Postgres";
        return $"""

            Configuration service  {address}
              OpenAPI              {address}/openapi/v1.json
              Health               {address}/health
              Metrics              {address}/metrics
              Administrator's key  {admin}
              Database             {database}

            """;
    }
}
