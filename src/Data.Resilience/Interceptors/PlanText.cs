using System.Text.RegularExpressions;

namespace Data.Resilience.Interceptors;

/// <summary>Takes the caller's values out of a plan: PostgreSQL prints bound parameters into conditions as literals.</summary>
internal static partial class PlanText
{
    /// <summary>Replaces literals by <c>?</c>; figures that the planner or executor measured stay.</summary>
    public static string WithoutValues(string plan) =>
        string.Join('\n', plan.Split('\n').Select(line =>
        {
            var masked = Strings().Replace(line, "?");
            return Measured().IsMatch(line) ? masked : Numbers().Replace(masked, "?");
        }));

    [GeneratedRegex(@"'(?:[^']|'')*'", RegexOptions.None, 1000)]
    private static partial Regex Strings();

    [GeneratedRegex(@"(?<![\w""$.])\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", RegexOptions.None, 1000)]
    private static partial Regex Numbers();

    // Lines whose numbers are measurements. Everything not listed may hold a condition, so the list errs on the side of hiding.
    [GeneratedRegex(
        @"\(cost=|\(actual |^\s*(Planning|Execution|Buffers|Rows Removed|Sort Method|Workers"
        + @"|Worker \d+|Heap|Memory|Buckets|Hits|I/O|WAL|Timing|Full-sort|Pre-sorted|Disk Usage|JIT)",
        RegexOptions.None,
        1000)]
    private static partial Regex Measured();
}
