using ConfigurationService.Errors;
using ConfigurationService.Http;

namespace ConfigurationService.Providers;

/// <summary>Which part of a history to read.</summary>
internal sealed record HistoryQuery(string? Type, string? Name, int Limit, long? Before)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static HistoryQuery Read(HttpRequest request)
    {
        QueryParameters.RejectUnknown(request, "provider_type", "provider_name", "limit", "cursor");
        var type = QueryParameters.Text(request, "provider_type", 50);
        if (type is not null && !ProviderTypes.IsKnown(type))
        {
            throw new ProblemException(
                Problems.UnknownProviderType,
                $"There is no provider type '{type}'. Types are: {string.Join(", ", ProviderTypes.All)}.");
        }

        return new HistoryQuery(
            type, QueryParameters.Text(request, "provider_name", ProviderName.MaxLength),
            QueryParameters.Integer(request, "limit", DefaultLimit, 1, MaxLimit), HistoryCursor.Read(request));
    }
}
