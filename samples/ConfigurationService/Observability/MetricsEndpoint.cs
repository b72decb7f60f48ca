using System.Diagnostics.Metrics;
using System.Text;
using ConfigurationService.Keys;
using ConfigurationService.Observability.Prometheus;

namespace ConfigurationService.Observability;

/// <summary>The service's meters at <c>/metrics</c>.</summary>
internal static class MetricsEndpoint
{
    private static readonly string[] Prefixes = ["Data.", "Microsoft.AspNetCore.", "Npgsql", "System.Runtime", "ConfigurationService"];

    public static bool Listens(Meter meter) => Array.Exists(Prefixes, prefix => meter.Name.StartsWith(prefix, StringComparison.Ordinal));

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/metrics", WriteAsync).Needs(ApiScopes.Read, KeyReach.Administrator)
            .WithTags("Operation").WithName("read_metrics").WithSummary("Metrics in the Prometheus text format")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");

    private static async Task WriteAsync(HttpContext context, PrometheusExporter exporter)
    {
        // Into memory first: the exporter's lock must not wait for a slow reader.
        using var text = new StringWriter();
        exporter.Write(text);
        context.Response.ContentType = PrometheusExporter.ContentType;
        await context.Response.BodyWriter.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), context.RequestAborted);
    }
}
