using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Data.Health.Endpoints;

/// <summary>
/// Chooses the format from the <c>Accept</c> header (RFC 9110, section 12.5.1): each format has the weight of the most specific range that
/// matches it; the highest weight wins, then the more specific range, then the order of mention.
/// </summary>
internal static class FormatNegotiator
{
    private static readonly (HealthFormat Format, string Type, string Group)[] Formats =
    [
        (HealthFormat.PlainText, "text/plain", "text/*"),
        (HealthFormat.HealthJson, "application/health+json", "application/*"),
        (HealthFormat.UiJson, "application/json", "application/*"),
    ];

    /// <summary>
    /// The format to answer in. Whoever accepts none of them gets the default, because a probe must always get an answer.
    /// </summary>
    public static HealthFormat Choose(StringValues accept, HealthFormat fallback)
    {
        // Probes send nothing or */*: no parsing for them.
        if (accept.Count == 0 || (accept.Count == 1 && accept[0] is "*/*" or "" or null))
            return fallback;

        var best = (Format: fallback, Match: default(Match));
        foreach (var (format, type, group) in Formats)
        {
            var match = Find(accept, type, group);
            if (match.Weight > 0 && Compare(match, best.Match, format == fallback) > 0)
                best = (format, match);
        }

        return best.Format;
    }

    /// <summary>Of equal matches the default wins, then the one that stands first in the list of formats.</summary>
    private static int Compare(Match match, Match best, bool isFallback)
    {
        var order = match.Weight.CompareTo(best.Weight);
        if (order == 0)
            order = match.Specificity.CompareTo(best.Specificity);
        if (order == 0)
            order = best.Position.CompareTo(match.Position);
        return order == 0 && isFallback ? 1 : order;
    }

    private static Match Find(StringValues accept, string type, string group)
    {
        var found = default(Match);
        var position = 0;
        foreach (var line in accept)
        {
            foreach (var part in line.AsSpan().Split(','))
            {
                var range = line.AsSpan()[part];
                var semicolon = range.IndexOf(';');
                var name = (semicolon < 0 ? range : range[..semicolon]).Trim();
                var specificity = Is(name, type) ? 3 : Is(name, group) ? 2 : Is(name, "*/*") ? 1 : 0;
                if (specificity > found.Specificity)
                    found = new Match(specificity, semicolon < 0 ? 1 : Weight(range[(semicolon + 1)..]), position);
                position++;
            }
        }

        return found;
    }

    private static bool Is(ReadOnlySpan<char> name, string type) => name.Equals(type, StringComparison.OrdinalIgnoreCase);

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

    /// <summary>How well a format is accepted: 3 for its own type, 2 for its group, 1 for any, 0 for not at all.</summary>
    private readonly record struct Match(int Specificity, double Weight, int Position);
}
