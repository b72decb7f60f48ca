using Data.Health.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves the results of Data.Health.</summary>
public static class DataHealthEndpointRouteBuilderExtensions
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Maps <c>/health</c>, <c>/health/live</c>, <c>/health/ready</c>, <c>/health/startup</c>, <c>/health/{contributor or group}</c>,
    /// <c>/health/ui</c>, and the aliases <c>/healthz</c>, <c>/livez</c>, <c>/alive</c> and <c>/readyz</c> for GET and HEAD.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <returns>A builder for conventions on all of them, such as <c>RequireHost</c> or <c>RequireAuthorization</c>.</returns>
    /// <remarks>
    /// Without conventions the endpoints admit everybody, whatever the fallback policy: a probe has no credentials. What a caller sees
    /// beyond the status word depends on <see cref="HealthEndpointOptions.Details"/>. They are kept out of API descriptions and HTTP
    /// metrics. A convention that cannot work, such as a policy that is not registered, stops the start.
    /// </remarks>
    /// <exception cref="InvalidOperationException"><c>AddDataHealth</c> was not called.</exception>
    public static IEndpointConventionBuilder MapDataHealth(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var health = endpoints.ServiceProvider.GetService<HealthEndpoints>()
            ?? throw new InvalidOperationException("Call services.AddDataHealth() before app.MapDataHealth().");
        var options = health.Options;
        var all = endpoints.MapGroup("");
        Map(all, options.BasePath, nameof(options.BasePath), health.All());
        Map(all, options.AliasPath, nameof(options.AliasPath), health.All());

        // Short-circuited: they say one word to everybody, so no middleware after routing has a say in them.
        Map(all, options.BasePath + "/live", nameof(options.BasePath), health.LiveAsync, shortCircuit: true);
        Map(all, options.LiveAliasPath, nameof(options.LiveAliasPath), health.LiveAsync, shortCircuit: true);
        Map(all, options.AliveAliasPath, nameof(options.AliveAliasPath), health.LiveAsync, shortCircuit: true);
        Map(all, options.BasePath + "/startup", nameof(options.BasePath), health.StartupAsync, shortCircuit: true);
        Map(all, options.BasePath + "/ready", nameof(options.BasePath), health.Ready());
        Map(all, options.ReadyAliasPath, nameof(options.ReadyAliasPath), health.Ready());
        Map(all, options.BasePath + "/{name}", nameof(options.BasePath), health.NamedAsync);
        if (options.Page)
        {
            Map(all, options.BasePath + "/ui", nameof(options.BasePath), HealthPage.HandleAsync);
            Map(all, options.BasePath + "/ui/data", nameof(options.BasePath), health.PageDataAsync);
        }

        return all;
    }

    private static void Map(RouteGroupBuilder group, string pattern, string setting, RequestDelegate handler, bool shortCircuit = false)
    {
        if (pattern.Length == 0)
            return;
        var endpoint = group.MapMethods(pattern, Methods, handler)
            .WithDisplayName("Health " + pattern)
            .WithMetadata(new HealthEndpoint(setting), new ExcludeFromDescriptionAttribute())
            .DisableHttpMetrics();
        endpoint.Finally(builder => ShortCircuiting.Open(builder, shortCircuit));
    }
}
