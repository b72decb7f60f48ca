namespace Data.Health.Contributors.Network;

/// <summary>What counts as a good answer of an HTTP dependency.</summary>
public sealed class HttpHealthOptions : IContributorSettings
{
    /// <summary>The method, such as <c>GET</c> or <c>HEAD</c>. Default <c>GET</c>; the body is not read.</summary>
    public string Method { get; set; } = "GET";

    /// <summary>Lowest status that is healthy. Default 200; 100 to 599.</summary>
    public int MinimumStatusCode { get; set; } = 200;

    /// <summary>Highest status that is healthy. Default 299; not below <see cref="MinimumStatusCode"/>, at most 599.</summary>
    public int MaximumStatusCode { get; set; } = 299;

    /// <summary>Latency from which it is degraded. Default <see langword="null"/>, which is none; 1 ms to 10 minutes.</summary>
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
