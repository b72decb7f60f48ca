using ConfigurationService.Errors;
using ConfigurationService.Schemas;

namespace ConfigurationService.Providers;

/// <summary>The order in which providers of one type are tried.</summary>
internal static class ProviderPriorities
{
    public const string Default = "primary";

    public static readonly TextShape Shape = new(1, 20)
    {
        Values = ["primary", "secondary", "tertiary"],
        Kind = Problems.InvalidPriority,
        Description = $"The order of failover; a new provider is {Default}.",
    };

    public static int RankOf(string priority) => priority switch { "primary" => 0, "secondary" => 1, _ => 2 };
}
