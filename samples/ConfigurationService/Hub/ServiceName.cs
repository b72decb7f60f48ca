using System.Text.RegularExpressions;
using ConfigurationService.Schemas;

namespace ConfigurationService.Hub;

/// <summary>What may name a service of the hub.</summary>
internal static partial class ServiceName
{
    public const string Rule = "A service's name has 1 to 255 letters, digits, '_', '-' and '.', and starts with a letter or digit.";

    public static readonly TextShape Shape = new(1, 255)
    {
        Form = Form(),
        FormRule = "1 to 255 letters, digits, '_', '-' and '.', starting with a letter or digit",
        Description = "Name of a service.",
    };

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_.-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
