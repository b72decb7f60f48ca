using ConfigurationService.Errors;
using ConfigurationService.Http;
using ConfigurationService.Keys;
using ConfigurationService.Schemas;

namespace ConfigurationService.Hosting;

/// <summary>Declares for OpenAPI every problem that an endpoint can answer with, by what it asks of a request.</summary>
internal static class DeclaredProblems
{
    public static void AddTo(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<AccessRule>().FirstOrDefault() is not { } rule)
            return;
        var declared = endpoint.Metadata.OfType<ProducesResponseTypeMetadata>().Select(static p => p.StatusCode).ToHashSet();
        foreach (var status in Of(endpoint, rule).Distinct())
        {
            if (declared.Add(status))
                endpoint.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(ProblemDocument), [ProblemDocument.ContentType]));
        }
    }

    private static IEnumerable<int> Of(EndpointBuilder endpoint, AccessRule rule)
    {
        foreach (var status in (int[])[401, 403, 500, 503])
            yield return status;
        var hasParameters = ((RouteEndpointBuilder)endpoint).RoutePattern.Parameters.Count > 0;
        if (hasParameters || rule.Reach != KeyReach.Anyone)
            yield return 404;
        if (hasParameters || endpoint.Metadata.OfType<QueryParameter>().Any())
            yield return 400;
        if (endpoint.Metadata.OfType<BodyDeclaration>().Any())
        {
            foreach (var status in (int[])[400, 408, 413, 415])
                yield return status;
        }

        if (endpoint.Metadata.OfType<Conditional>().Any() && !IsRead(endpoint))
            yield return 412;
    }

    private static bool IsRead(EndpointBuilder endpoint) =>
        endpoint.Metadata.OfType<HttpMethodMetadata>().Any(static m => m.HttpMethods.Contains("GET", StringComparer.Ordinal));
}
