using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Data.Health.Endpoints;

/// <summary>Chooses the format from the <c>Accept</c> header (RFC 9110, section 12.5.1): highest weight, then order of mention.</summary>
internal static class FormatNegotiator
{
    /// <summary>
    /// The format to answer in. Whoever accepts none of them gets the default, because a probe must always get an answer.
    /// </summary>
    public static HealthFormat Choose(StringValues accept, HealthFormat fallback)
    {
        // Probes send nothing or */*: no parsing for them.
        if (accept.Count == 0 || (accept.Count == 1 && accept[0] is "*/*" or "" or null))
            return fallback;

        var best = fallback;
        var bestWeight = 0.0;
        foreach (var line in accept)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                var (format, weight) = Parse(line.AsSpan()[range], fallback);
                if (format is { } f && weight > bestWeight)
                    (best, bestWeight) = (f, weight);
            }
        }

        return best;
    }

    private static (HealthFormat? Format, double Weight) Parse(ReadOnlySpan<char> range, HealthFormat fallback)
    {
        var semicolon = range.IndexOf(';');
        var type = (semicolon < 0 ? range : range[..semicolon]).Trim();
        HealthFormat? format =
            type.Equals("application/health+json", StringComparison.OrdinalIgnoreCase) ? HealthFormat.HealthJson
            : type.Equals("application/json", StringComparison.OrdinalIgnoreCase) ? HealthFormat.UiJson
            : type.Equals("text/plain", StringComparison.OrdinalIgnoreCase) ? HealthFormat.PlainText
            : type.Equals("text/*", StringComparison.OrdinalIgnoreCase) ? HealthFormat.PlainText
            : type.Equals("application/*", StringComparison.OrdinalIgnoreCase) ? HealthFormat.HealthJson
            : type is "*/*" ? fallback
            : null;
        return (format, semicolon < 0 ? 1 : Weight(range[(semicolon + 1)..]));
    }

    private static double Weight(ReadOnlySpan<char> parameters)
    {
        foreach (var range in parameters.Split(';'))
        {
            var parameter = parameters[range].Trim();
            if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
                return double.TryParse(parameter[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var q) ? q : 0;
        }

        return 1;
    }
}
