using Data.Health.Evaluation;
using Data.Health.Internal;
using Microsoft.Extensions.Options;

namespace Data.Health.Groups;

/// <summary>Every group of the application, the two built-in ones included; created at start, so that an invalid group stops it.</summary>
internal sealed class HealthGroups
{
    public const string AllName = "all";
    public const string ReadyName = "ready";
    private static readonly string[] Reserved = [AllName, ReadyName, "live", "startup", "ui"];
    private readonly Dictionary<string, HealthGroup> _groups = new(StringComparer.OrdinalIgnoreCase);

    public HealthGroups(
        HealthEvaluator evaluator,
        IDictionary<string, HealthGroupOptions> groups,
        HealthGroupOptions codes,
        TimeProvider time)
    {
        var contributors = evaluator.Contributors.ToArray();
        var errors = groups.SelectMany(g => GroupSelection.Errors(g.Key, g.Value, contributors))
            .Concat(groups.Keys.Where(IsReserved)
                .Select(n => $"group '{n}' has a reserved name; reserved are {string.Join(", ", Reserved)}."))
            .ToList();
        if (errors.Count > 0)
            throw new OptionsValidationException(nameof(HealthGroups), typeof(HealthGroupOptions), errors);

        All = new HealthGroup(AllName, contributors, evaluator, codes, time);
        Ready = new HealthGroup(ReadyName, [.. contributors.Where(c => c.Policy.Critical)], evaluator, codes, time);
        foreach (var (name, options) in groups)
        {
            var members = contributors.Where(c => GroupSelection.Contains(options, c)).ToArray();
            _groups[name] = new HealthGroup(name, members, evaluator, options, time);
        }

        foreach (var contributor in contributors)
        {
            var segment = PathSegment.Of(contributor.Name, IsReserved, _groups.ContainsKey);
            _groups[segment] = new HealthGroup(segment, [contributor], evaluator, codes, time) { IsContributor = true };
        }

        // By its name as well, which a client escapes; a segment goes first, so that no name hides another contributor.
        foreach (var group in _groups.Values.Where(g => g.IsContributor).ToArray())
            _groups.TryAdd(group.Members[0].Name, group);
    }

    /// <summary>Every contributor.</summary>
    public HealthGroup All { get; }

    /// <summary>The critical contributors.</summary>
    public HealthGroup Ready { get; }

    /// <summary>The group or the single contributor of that path segment or name, or null.</summary>
    public HealthGroup? Find(string name) => _groups.GetValueOrDefault(name);

    private static bool IsReserved(string name) => Reserved.Contains(name, StringComparer.OrdinalIgnoreCase);
}
