using System.Text.RegularExpressions;

namespace Data.Resilience.Migrations;

/// <summary>Writes a type name as PostgreSQL's <c>format_type</c> does, so that a model's alias is no difference.</summary>
internal static partial class StoreTypeName
{
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["int"] = "integer",
        ["int2"] = "smallint",
        ["int4"] = "integer",
        ["int8"] = "bigint",
        ["float4"] = "real",
        ["float8"] = "double precision",
        ["decimal"] = "numeric",
        ["bool"] = "boolean",
        ["varchar"] = "character varying",
        ["char"] = "character",
        ["bpchar"] = "character",
        ["varbit"] = "bit varying",
        ["timestamp"] = "timestamp without time zone",
        ["timestamptz"] = "timestamp with time zone",
        ["time"] = "time without time zone",
        ["timetz"] = "time with time zone",
    };

    public static string Canonical(string storeType)
    {
        var match = Parts().Match(storeType.Trim());
        if (!match.Success || storeType.Contains('"', StringComparison.Ordinal))
            return storeType;
        var name = (match.Groups["name"].Value.Trim() + match.Groups["rest"].Value.TrimEnd()).ToLowerInvariant();
        name = Aliases.GetValueOrDefault(name, name);
        var facets = match.Groups["facets"].Value.Replace(" ", "", StringComparison.Ordinal);
        facets = (name, facets) switch
        {
            ("character", "") => "(1)",
            ("numeric", [_, .., _]) when !facets.Contains(',', StringComparison.Ordinal) => facets[..^1] + ",0)",
            _ => facets,
        };
        // Facets of times stand in the middle: timestamp(3) with time zone.
        var zone = name.IndexOf(" with", StringComparison.Ordinal);
        name = zone < 0 ? name + facets : name.Insert(zone, facets);
        return name + match.Groups["array"].Value;
    }

    [GeneratedRegex(
        @"^(?<name>[\w. ]+?)\s*(?<facets>\([\d, ]+\))?(?<rest>( with| without)[\w ]+)?(?<array>(\[\])*)$",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Parts();
}
