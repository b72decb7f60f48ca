using System.Text.RegularExpressions;
using ConfigurationService.Schemas;

namespace ConfigurationService.Providers;

/// <summary>What may name a provider. Names outside the catalogue are welcome: tenants have providers of their own.</summary>
internal static partial class ProviderName
{
    public const string Rule =
        "A provider's name has 1 to 100 lower-case letters, digits, '_', '-' and '.', and starts with a letter or digit.";

    public static readonly TextShape Shape = new(1, 100)
    {
        Form = Form(),
        FormRule = "1 to 100 lower-case letters, digits, '_', '-' and '.', starting with a letter or digit",
        Description = "Name of a provider, such as openstreetmap.",
    };

    [GeneratedRegex("^[a-z0-9][a-z0-9_.-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
