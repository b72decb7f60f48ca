using System.Globalization;
using ConfigurationService.Errors;

namespace ConfigurationService.Http;

/// <summary>Parameters of a query string, checked: a wrong or unknown one is an error, never ignored.</summary>
internal static class QueryParameters
{
    public static void RejectUnknown(HttpRequest request, params ReadOnlySpan<string> known)
    {
        foreach (var name in request.Query.Keys)
        {
            if (!known.Contains(name))
            {
                throw new ProblemException(
                    Problems.InvalidParameter,
                    $"There is no parameter '{name}'. Known are: {string.Join(", ", known.ToArray())}.");
            }
        }
    }

    public static int Integer(HttpRequest request, string name, int otherwise, int minimum, int maximum)
    {
        if (!request.Query.TryGetValue(name, out var values))
            return otherwise;
        return int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= minimum
            && number <= maximum
            ? number
            : throw new ProblemException(Problems.InvalidParameter, $"{name} must be a whole number from {minimum} to {maximum}.");
    }

    public static string? Text(HttpRequest request, string name, int maxLength)
    {
        if (!request.Query.TryGetValue(name, out var values))
            return null;
        var text = values.ToString();
        return text.Length > 0 && text.Length <= maxLength && !text.Contains('\0')
            ? text
            : throw new ProblemException(Problems.InvalidParameter, $"{name} must have 1 to {maxLength} characters.");
    }
}
