using System.Reflection;
using ConfigurationService.Settings;
using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ConfigurationService.Observability;

/// <summary>Registers metrics and traces with OpenTelemetry.</summary>
internal static class TelemetryRegistration
{
    /// <summary>The name of the service's own meter and activity source.</summary>
    public const string ServiceSource = "ConfigurationService";

    private const string ServiceName = "configuration-service";

    // Whole meters and sources, so that an instrument that is renamed or added needs no change here.
    private static readonly string[] Sources = ["Data.Resilience", "Data.Cache", "Data.Vector", "Data.Health", ServiceSource];

    public static void AddTelemetry(this IServiceCollection services, TelemetrySettings settings)
    {
        var telemetry = services.AddOpenTelemetry().ConfigureResource(DescribeService)
            .WithMetrics(metrics => AddMetrics(metrics, settings));
        // Without an endpoint nobody reads traces, so no request pays for them.
        if (settings.OtlpEndpoint is not null)
            telemetry.WithTracing(AddTraces);
    }

    // The detector comes last, so that OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
    private static void DescribeService(ResourceBuilder resource) =>
        resource.AddService(ServiceName, serviceVersion: Version()).AddEnvironmentVariableDetector();

    private static void AddMetrics(MeterProviderBuilder metrics, TelemetrySettings settings)
    {
        metrics.AddMeter(Sources).AddNpgsqlInstrumentation().AddAspNetCoreInstrumentation().AddRuntimeInstrumentation()
            .AddView(HistogramBuckets.Of)
            .AddPrometheusExporter(static options =>
            {
                // Two scrapers, or one that follows a change, see what is true at their time; collecting reads memory only.
                options.ScrapeResponseCacheDurationMilliseconds = 0;
                // Keeps instruments of the same name in two meters apart (otel_scope_name).
                options.ScopeInfoEnabled = true;
            });
        if (settings.OtlpEndpoint is not null)
            metrics.AddOtlpExporter();
    }

    private static void AddTraces(TracerProviderBuilder traces) =>
        traces.AddSource(Sources).AddNpgsql()
            .AddAspNetCoreInstrumentation(static options => options.Filter = static context => !IsProbe(context.Request.Path))
            .AddOtlpExporter();

    // Probes and scrapes come every few seconds and would outnumber the requests of callers. Compared as routing does: in any case, and
    // with a slash at the end.
    private static bool IsProbe(PathString path) =>
        path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/healthz", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments(MetricsEndpoint.Path, StringComparison.OrdinalIgnoreCase);

    private static string Version() => typeof(TelemetryRegistration).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
