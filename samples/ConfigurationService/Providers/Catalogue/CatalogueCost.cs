using System.ComponentModel;
using System.Text.Json.Serialization;

namespace ConfigurationService.Providers.Catalogue;

/// <summary>What a provider costs, as far as it can be said in a number; its own price list is what counts.</summary>
internal sealed record CatalogueCost(
    [property: Description("free, per_call, per_transaction, subscription or contract.")] string Model,
    [property: Description("US dollars for 1,000 calls; null when it is not priced by the call.")][property: JsonPropertyName(
        "usd_per_1000_calls")] decimal? UsdPer1000Calls,
    [property: Description("Calls of a month that cost nothing; null when there are none or no limit.")] long? FreeCallsPerMonth,
    string Note);
