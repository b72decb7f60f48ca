using Data.Health.Endpoints;
using Microsoft.AspNetCore.Authorization;
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
    /// <c>/health/ui</c> and <c>/healthz</c> for GET and HEAD.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <returns>A builder for conventions on all of them, such as <c>RequireHost</c>.</returns>
    /// <remarks>
    /// The endpoints admit everybody, whatever the fallback policy: a probe has no credentials. What a caller sees beyond the status word
    /// depends on <see cref="HealthEndpointOptions.Details"/>. They are kept out of API descriptions and HTTP metrics.
    /// </remarks>
    /// <exception cref="InvalidOperationException"><c>AddDataHealth</c> was not called.</exception>
    public static IEndpointConventionBuilder MapDataHealth(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var health = endpoints.ServiceProvider.GetService<HealthEndpoints>()
            ?? throw new InvalidOperationException("Call services.AddDataHealth() before app.MapDataHealth().");
        var options = health.Options;
        var all = endpoints.MapGroup("");
        Map(all, options.BasePath, health.All());
        if (options.AliasPath.Length > 0)
            Map(all, options.AliasPath, health.All());

        // Short-circuited: they say one word to everybody, so no middleware after routing has a say in them.
        Map(all, options.BasePath + "/live", health.LiveAsync).ShortCircuit();
        Map(all, options.BasePath + "/startup", health.StartupAsync).ShortCircuit();
        Map(all, options.BasePath + "/ready", health.Ready());
        Map(all, options.BasePath + "/{name}", health.NamedAsync);
        if (options.Page)
        {
            Map(all, options.BasePath + "/ui", HealthPage.HandleAsync);
            Map(all, options.BasePath + "/ui/data", health.PageDataAsync);
        }

        return all;
    }

    private static IEndpointConventionBuilder Map(RouteGroupBuilder group, string pattern, RequestDelegate handler) =>
        group.MapMethods(pattern, Methods, handler)
            .WithDisplayName("Health " + pattern)
            .WithMetadata(new AllowAnonymousAttribute(), new ExcludeFromDescriptionAttribute())
            .DisableHttpMetrics();
}
