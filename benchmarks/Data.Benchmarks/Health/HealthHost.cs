using System.Net;
using Data.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Data.Benchmarks.Health;

/// <summary>A web application with health and an empty endpoint beside it.</summary>
internal sealed class HealthHost(WebApplication app) : IAsyncDisposable
{
    public IPEndPoint EndPoint => new(IPAddress.Loopback, new Uri(app.Urls.First()).Port);

    public IServiceProvider Services => app.Services;

    public static async Task<HealthHost> StartAsync(Action<DataHealthBuilder> add, Action<DataHealthOptions>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        add(builder.Services.AddDataHealth(configure ?? (_ => { })));
        var app = builder.Build();
        app.MapDataHealth();
        app.MapGet("/empty", (RequestDelegate)(_ => Task.CompletedTask));
        await app.StartAsync();
        return new HealthHost(app);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
