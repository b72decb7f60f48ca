using ConfigurationService.Errors;
using ConfigurationService.Schemas;

namespace ConfigurationService.Providers;

/// <summary>The kinds of providers a tenant can configure; the database holds the same list as a check.</summary>
internal static class ProviderTypes
{
    private const string MemberSuffix = "_providers";

    public static readonly IReadOnlyList<string> All = ["map", "weather", "satellite", "payment", "sms", "notification"];

    public static readonly TextShape Shape = new(1, 50)
    {
        Values = All,
        Kind = Problems.UnknownProviderType,
        Description = "Type of provider.",
    };

    /// <summary>The members of a tenant's document that hold providers, e.g. <c>map_providers</c>.</summary>
    public static readonly IReadOnlyList<string> Members = [.. All.Select(MemberOf)];

    public static bool IsKnown(string type) => All.Contains(type, StringComparer.Ordinal);

    /// <summary>Refuses an unknown type.</summary>
    /// <exception cref="ProblemException">There is no such type.</exception>
    public static void Demand(string type)
    {
        if (!IsKnown(type))
            throw new ProblemException(Problems.UnknownProviderType, Unknown(type));
    }

    public static string Unknown(string type) => $"There is no provider type '{type}'. Types are: {string.Join(", ", All)}.";

    public static string MemberOf(string type) => type + MemberSuffix;

    /// <summary>The type that a member is named after, whether or not there is such a type; null when it is no such member.</summary>
    public static string? TypeOf(string member) =>
        member.EndsWith(MemberSuffix, StringComparison.Ordinal) ? member[..^MemberSuffix.Length] : null;
}
