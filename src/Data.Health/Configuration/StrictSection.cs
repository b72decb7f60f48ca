using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Data.Health.Configuration;

/// <summary>Finds keys of a section that no option has: a misspelt setting would leave the default in force without a word.</summary>
internal static class StrictSection
{
    private const DynamicallyAccessedMemberTypes Properties = DynamicallyAccessedMemberTypes.PublicProperties;

    /// <summary>Returns a message for each key of the section that is no property of the options.</summary>
    /// <param name="section">The section.</param>
    /// <param name="isKnown">Whether a path belongs to something else that was bound from inside the section.</param>
    public static IEnumerable<string> Errors<[DynamicallyAccessedMembers(Properties)] TOptions>(
        IConfigurationSection section, Func<string, bool>? isKnown = null)
    {
        var names = typeof(TOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => p.Name).ToArray();
        foreach (var child in section.GetChildren())
        {
            if (!names.Contains(child.Key, StringComparer.OrdinalIgnoreCase) && isKnown?.Invoke(child.Path) != true)
                yield return $"{child.Path} is not a setting; {Suggest(child.Key, names)}.";
        }
    }

    /// <summary>The same for each member of a list or dictionary.</summary>
    public static IEnumerable<string> MemberErrors<[DynamicallyAccessedMembers(Properties)] TOptions>(IConfigurationSection section)
    {
        foreach (var member in section.GetChildren())
        {
            if (member.Value is { Length: > 0 })
                yield return $"{member.Path} is a value; it must be a section with settings.";
            foreach (var error in Errors<TOptions>(member))
                yield return error;
        }
    }

    private static string Suggest(string key, string[] names)
    {
        var near = names.MinBy(n => Distance(key.ToUpperInvariant(), n.ToUpperInvariant()))!;
        return Distance(key.ToUpperInvariant(), near.ToUpperInvariant()) <= Math.Max(2, near.Length / 3)
            ? $"did you mean {near}? There are {string.Join(", ", names)}"
            : $"there are {string.Join(", ", names)}";
    }

    /// <summary>Levenshtein's edit distance.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}

/// <summary>A section that options were bound from.</summary>
internal sealed record BoundSection(IConfigurationSection Section);

/// <summary>A section that the options of a contributor were bound from; it may lie inside another.</summary>
internal sealed record ContributorSection(string Path)
{
    /// <summary>Whether the section is at the path or below it.</summary>
    public bool IsWithin(string path) =>
        Path.Equals(path, StringComparison.OrdinalIgnoreCase) || Path.StartsWith(path + ":", StringComparison.OrdinalIgnoreCase);
}
