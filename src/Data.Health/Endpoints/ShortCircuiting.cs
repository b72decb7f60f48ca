using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Data.Health.Endpoints;

/// <summary>
/// Decides, after all conventions of the application, how open an endpoint is. By default it admits everybody, whatever the fallback
/// policy, and may skip the middleware after routing. A convention that needs that middleware, such as RequireAuthorization, wins.
/// </summary>
internal static class ShortCircuiting
{
    private static readonly Action<EndpointBuilder> ShortCircuit = Capture();

    public static void Open(EndpointBuilder endpoint, bool mayShortCircuit)
    {
        if (IsProtected(endpoint.Metadata))
            return;
        endpoint.Metadata.Add(new AllowAnonymousAttribute());
        if (mayShortCircuit && endpoint.Metadata.All(IsOurs))
            ShortCircuit(endpoint);
    }

    public static bool IsProtected(IEnumerable<object> metadata) =>
        metadata.Any(m => m is IAuthorizeData or AuthorizationPolicy or IAuthorizationRequirementData);

    /// <summary>Whether no middleware looks at it: short-circuiting would let a convention of the application go unheard.</summary>
    private static bool IsOurs(object metadata) =>
        metadata is HealthEndpoint or MethodInfo or IHttpMethodMetadata or IExcludeFromDescriptionMetadata or IDisableHttpMetricsMetadata
            or AllowAnonymousAttribute or IRouteDiagnosticsMetadata
        || metadata.GetType().Namespace is "System.Runtime.CompilerServices" or "System.Diagnostics";

    private static Action<EndpointBuilder> Capture()
    {
        var capture = new Conventions();
        capture.ShortCircuit();
        return capture.Added!;
    }

    /// <summary>The metadata that the framework reads is internal; its own convention adds it.</summary>
    private sealed class Conventions : IEndpointConventionBuilder
    {
        public Action<EndpointBuilder>? Added { get; private set; }

        public void Add(Action<EndpointBuilder> convention) => Added += convention;
    }
}

/// <summary>Marks the endpoints of this package.</summary>
/// <param name="Setting">The option that holds the path.</param>
internal sealed record HealthEndpoint(string Setting);
