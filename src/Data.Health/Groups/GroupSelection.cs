using Data.Health.Evaluation;
using Data.Health.Internal;

namespace Data.Health.Groups;

/// <summary>Applies and validates a group's include and exclude lists.</summary>
internal static class GroupSelection
{
    public static bool Contains(HealthGroupOptions group, TrackedContributor contributor)
    {
        var everything = group.IncludeTags.Count == 0 && group.IncludeNames.Count == 0;
        var included = everything || Has(group.IncludeNames, contributor.Name)
            || contributor.Policy.Tags.Any(t => Has(group.IncludeTags, t));
        var excluded = Has(group.ExcludeNames, contributor.Name) || contributor.Policy.Tags.Any(t => Has(group.ExcludeTags, t));
        return included && !excluded;
    }

    public static IEnumerable<string> Errors(string name, HealthGroupOptions group, IReadOnlyList<TrackedContributor> contributors)
    {
        var tags = contributors.SelectMany(c => c.Policy.Tags).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var names = contributors.Select(c => c.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var tag in group.IncludeTags.Concat(group.ExcludeTags).Where(t => !tags.Contains(t)))
            yield return $"group '{name}' names the tag '{tag}', which no contributor carries; there are {List(tags)}.";
        foreach (var member in group.IncludeNames.Concat(group.ExcludeNames).Where(n => !names.Contains(n)))
            yield return $"group '{name}' names the contributor '{member}', which is not registered; there are {List(names)}.";
        if (!PathSegment.IsPlain(name))
            yield return $"group '{name}': the name is a part of a path; it must consist of letters, digits and any of - . _ ~.";
        if (names.Contains(name))
            yield return $"group '{name}' has the name of a contributor; both would be served under the same path.";
        foreach (var code in (int[])[group.HealthyStatusCode, group.DegradedStatusCode, group.UnhealthyStatusCode])
        {
            if (code is < 200 or > 599)
                yield return $"group '{name}' has the status code {code}; it must be 200 to 599.";
        }
    }

    private static bool Has(IList<string> list, string value) => list.Contains(value, StringComparer.OrdinalIgnoreCase);

    private static string List(HashSet<string> values) =>
        values.Count == 0 ? "none" : string.Join(", ", values.Order(StringComparer.Ordinal));
}
