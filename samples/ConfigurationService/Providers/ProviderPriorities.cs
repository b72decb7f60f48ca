namespace ConfigurationService.Providers;

/// <summary>The order in which providers of one type are tried.</summary>
internal static class ProviderPriorities
{
    public const string Default = "primary";

    public static readonly IReadOnlyList<string> All = ["primary", "secondary", "tertiary"];

    public static int RankOf(string priority) => priority switch { "primary" => 0, "secondary" => 1, _ => 2 };
}
