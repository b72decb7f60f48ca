using ConfigurationService.Errors;

namespace ConfigurationService.Keys;

/// <summary>Says on an endpoint which key it needs. An endpoint that says nothing is closed to all.</summary>
internal static class AccessExtensions
{
    public static RouteHandlerBuilder Needs(this RouteHandlerBuilder endpoint, ApiScopes scope, KeyReach reach = KeyReach.TenantOfPath) =>
        endpoint.WithMetadata(new AccessRule(scope, reach));

    /// <summary>Declares a problem of the endpoint itself, beside those of its key, its body and its preconditions.</summary>
    public static RouteHandlerBuilder ProducesKnownProblem(this RouteHandlerBuilder endpoint, int status) =>
        endpoint.Produces<ProblemDocument>(status, ProblemDocument.ContentType);
}
