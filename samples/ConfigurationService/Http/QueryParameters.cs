using System.Globalization;
using ConfigurationService.Errors;
using ConfigurationService.Schemas;

namespace ConfigurationService.Http;

/// <summary>Parameters of a query string, checked against their declarations: a wrong or unknown one is an error, never ignored.</summary>
internal static class QueryParameters
{
    public static void RejectUnknown(HttpRequest request, IReadOnlyList<QueryParameter> known)
    {
        foreach (var name in request.Query.Keys)
        {
            if (!known.Any(k => k.Name == name))
            {
                throw new ProblemException(
                    Problems.InvalidParameter,
                    $"There is no parameter '{name}'. Known are: {string.Join(", ", known.Select(static k => k.Name))}.");
            }
        }
    }

    /// <summary>A number; the default of its shape when it is absent.</summary>
    public static int Integer(HttpRequest request, QueryParameter parameter)
    {
        var shape = (WholeShape)parameter.Shape;
        if (!request.Query.TryGetValue(parameter.Name, out var values))
            return shape.Default!.Value;
        return int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= shape.Minimum && number <= shape.Maximum
            ? number
            : throw Wrong(parameter);
    }

    /// <summary>A text; null when it is absent.</summary>
    public static string? Text(HttpRequest request, QueryParameter parameter)
    {
        if (!request.Query.TryGetValue(parameter.Name, out var values))
            return null;
        return ((TextShape)parameter.Shape).Allows(values.ToString()) ? values.ToString() : throw Wrong(parameter);
    }

    private static ProblemException Wrong(QueryParameter parameter)
    {
        // The kinds of bodies say "a member"; only those that name a concept of their own also fit here.
        var kind = parameter.Shape.Kind == Problems.InvalidValue ? Problems.InvalidParameter : parameter.Shape.Kind;
        return new ProblemException(kind, $"{parameter.Name} must be {parameter.Shape.Rule}.");
    }
}
