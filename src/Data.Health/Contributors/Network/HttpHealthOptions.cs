namespace Data.Health.Contributors.Network;

/// <summary>The responses of an HTTP dependency that count as healthy.</summary>
public sealed class HttpHealthOptions : IContributorSettings
{
    /// <summary>HTTP method, such as <c>GET</c> or <c>HEAD</c>; the body is not read. Default: <c>GET</c>.</summary>
    public string Method { get; set; } = "GET";

    /// <summary>Lowest status code that is healthy. Default: 200. Range: 100–599.</summary>
    public int MinimumStatusCode { get; set; } = 200;

    /// <summary>Highest status code that is healthy. Default: 299. Range: <see cref="MinimumStatusCode"/>–599.</summary>
    public int MaximumStatusCode { get; set; } = 299;

    /// <summary>Latency at which it is degraded. Default: <see langword="null"/>, no limit. Range: 1 ms–10 min.</summary>
    public TimeSpan? DegradedLatency { get; set; }

    IEnumerable<string> IContributorSettings.Errors()
    {
        var errors = Ranges.Required(nameof(Method), Method);
        if (MinimumStatusCode < 100 || MaximumStatusCode > 599 || MinimumStatusCode > MaximumStatusCode)
        {
            errors = errors.Append(
                $"MinimumStatusCode ({MinimumStatusCode}) to MaximumStatusCode ({MaximumStatusCode}) must be a range within 100 to 599.");
        }

        return DegradedLatency is { } latency
            ? errors.Concat(Ranges.Span(nameof(DegradedLatency), latency, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10)))
            : errors;
    }
}
