using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Data.Health.Tests.Support;

/// <summary>A web application on a free port with nothing but health in it.</summary>
internal sealed class HealthApp : IAsyncDisposable
{
    private HealthApp(WebApplication app, HttpClient client)
    {
        App = app;
        Client = client;
    }

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => App.Services;

    public static async Task<HealthApp> StartAsync(
        Action<DataHealthBuilder> configure,
        Action<DataHealthOptions>? options = null,
        Action<WebApplicationBuilder>? host = null,
        Action<WebApplication>? pipeline = null)
    {
        var app = Build(configure, options, host);
        pipeline?.Invoke(app);
        app.MapDataHealth();
        await app.StartAsync();
        return new HealthApp(app, new HttpClient { BaseAddress = new Uri(app.Urls.First()) });
    }

    public static WebApplication Build(
        Action<DataHealthBuilder> configure,
        Action<DataHealthOptions>? options = null,
        Action<WebApplicationBuilder>? host = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        configure(builder.Services.AddDataHealth(o =>
        {
            o.Endpoints.Details = Data.Health.Endpoints.HealthDetails.Always;
            options?.Invoke(o);
        }));
        host?.Invoke(builder);
        return builder.Build();
    }

    public async Task<(int Status, string Body)> GetAsync(string path, string? accept = null, (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        if (header is { } h)
            request.Headers.TryAddWithoutValidation(h.Name, h.Value);
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.DisposeAsync();
    }
}
