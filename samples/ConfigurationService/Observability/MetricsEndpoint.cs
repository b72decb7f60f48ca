using ConfigurationService.Keys;

namespace ConfigurationService.Observability;

/// <summary>Maps the Prometheus exporter to <c>/metrics</c>, for administrators' keys.</summary>
internal static class MetricsEndpoint
{
    public const string Path = "/metrics";

    public static void Map(IEndpointRouteBuilder app)
    {
        // The exporter's own mapping answers every method and is not described in OpenAPI.
        var scrape = app.CreateApplicationBuilder().UseOpenTelemetryPrometheusScrapingEndpoint(static _ => true).Build();
        Task ScrapeAsync(HttpContext context) => scrape(context);
        app.MapGet(Path, (Delegate)ScrapeAsync).Needs(ApiScopes.Read, KeyReach.Operator)
            .WithTags("Operation").WithName("read_metrics").WithSummary("Metrics in the Prometheus text format")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");
    }
}
