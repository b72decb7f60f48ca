using System.Text.RegularExpressions;

namespace ConfigurationService.Hub;

/// <summary>What may name a service of the hub.</summary>
internal static partial class ServiceName
{
    public const int MaxLength = 255;
    public const string Rule = "A service's name has 1 to 255 letters, digits, '_', '-' and '.', and starts with a letter or digit.";

    public static bool IsValid(string name) => Form().IsMatch(name);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,254}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
