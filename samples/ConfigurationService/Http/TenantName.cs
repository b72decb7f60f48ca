using ConfigurationService.Errors;

namespace ConfigurationService.Http;

/// <summary>What may name a tenant.</summary>
internal static class TenantName
{
    public const int MaxLength = 255;
    public const string Rule = "A tenant's name has 1 to 255 visible characters, without spaces, slashes and backslashes.";

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaxLength
        && !name.Any(static c => c is '/' or '\\' || char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c));

    public static void Demand(string name)
    {
        if (!IsValid(name))
            throw new ProblemException(Problems.InvalidTenant, Rule);
    }
}
