namespace ConfigurationService.Settings;

/// <summary>Where traces and metrics are sent, beside <c>/metrics</c>.</summary>
/// <param name="OtlpEndpoint"><c>OTEL_EXPORTER_OTLP_ENDPOINT</c>: an OpenTelemetry collector, e.g. <c>http://localhost:4317</c>.
/// Default: none, nothing is sent. The exporter reads <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>, <c>…_HEADERS</c> and <c>…_TIMEOUT</c>
/// itself; a protocol that it does not know is a fault here, because it would take its default silently.</param>
internal sealed record TelemetrySettings(Uri? OtlpEndpoint)
{
    private const string Name = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    public static TelemetrySettings Read(SettingReader reader)
    {
        if (reader.Text(Protocol) is { } protocol and not ("grpc" or "http/protobuf"))
            reader.Fault(Protocol, $"'{protocol}' is not a protocol of the exporter; use grpc or http/protobuf");
        if (reader.Text(Name) is not { } text)
            return new TelemetrySettings(OtlpEndpoint: null);
        if (Uri.TryCreate(text, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https")
            return new TelemetrySettings(endpoint);
        reader.Fault(Name, $"'{text}' is not an http or https address, e.g. http://localhost:4317");
        return new TelemetrySettings(OtlpEndpoint: null);
    }
}
