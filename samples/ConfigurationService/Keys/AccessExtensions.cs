using ConfigurationService.Errors;

namespace ConfigurationService.Keys;

/// <summary>Says on an endpoint which key it needs. An endpoint that says nothing is closed to all.</summary>
internal static class AccessExtensions
{
    public static RouteHandlerBuilder Needs(this RouteHandlerBuilder endpoint, ApiScopes scope, KeyReach reach = KeyReach.TenantOfPath) =>
        endpoint.WithMetadata(new AccessRule(scope, reach))
            .ProducesKnownProblem(StatusCodes.Status401Unauthorized).ProducesKnownProblem(StatusCodes.Status404NotFound);

    public static RouteHandlerBuilder ProducesKnownProblem(this RouteHandlerBuilder endpoint, int status) =>
        endpoint.Produces<ProblemDocument>(status, ProblemDocument.ContentType);
}
