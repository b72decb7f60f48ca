using ConfigurationService.Http;
using ConfigurationService.Schemas;

namespace ConfigurationService.Providers;

/// <summary>Which part of a history to read.</summary>
internal sealed record HistoryQuery(string? Type, string? Name, int Limit, long? Before)
{
    private static readonly QueryParameter TypeParameter = new("provider_type", ProviderTypes.Shape);
    private static readonly QueryParameter NameParameter = new("provider_name", ProviderName.Shape);
    private static readonly QueryParameter LimitParameter =
        new("limit", new WholeShape(1, 200) { Default = 50, Description = "Most entries of a page; a page of large entries has fewer." });

    public static readonly QueryParameter[] Parameters = [TypeParameter, NameParameter, LimitParameter, HistoryCursor.Parameter];

    public static HistoryQuery Read(HttpRequest request)
    {
        QueryParameters.RejectUnknown(request, Parameters);
        return new HistoryQuery(
            QueryParameters.Text(request, TypeParameter), QueryParameters.Text(request, NameParameter),
            QueryParameters.Integer(request, LimitParameter), HistoryCursor.Read(request));
    }
}
