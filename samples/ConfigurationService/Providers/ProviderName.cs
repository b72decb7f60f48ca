using System.Text.RegularExpressions;

namespace ConfigurationService.Providers;

/// <summary>What may name a provider. Names outside the catalogue are welcome: tenants have providers of their own.</summary>
internal static partial class ProviderName
{
    public const int MaxLength = 100;
    public const string Rule =
        "A provider's name has 1 to 100 lower-case letters, digits, '_', '-' and '.', and starts with a letter or digit.";

    public static bool IsValid(string name) => Form().IsMatch(name);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_.-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
