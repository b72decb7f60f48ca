using System.Text.RegularExpressions;
using ConfigurationService.Errors;
using ConfigurationService.Schemas;

namespace ConfigurationService.Http;

/// <summary>What may name a tenant.</summary>
internal static partial class TenantName
{
    public static readonly TextShape Shape = new(1, 255)
    {
        Form = Visible(),
        FormRule = "1 to 255 visible characters, without spaces, slashes and backslashes",
        Kind = Problems.InvalidTenant,
        Description = "Name of a tenant.",
    };

    public static void Demand(string name)
    {
        if (!Shape.Allows(name))
            throw new ProblemException(Problems.InvalidTenant, $"A tenant's name has {Shape.Rule}.");
    }

    [GeneratedRegex(@"^[^\s/\\\u0000-\u001F\u007F-\u009F\uD800-\uDFFF]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Visible();
}
