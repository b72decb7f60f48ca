namespace ConfigurationService.Observability.Prometheus;

/// <summary>What Prometheus knows a metric as.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
