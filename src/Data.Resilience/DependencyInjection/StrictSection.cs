using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Data.Resilience.DependencyInjection;

/// <summary>
/// Refuses keys of a bound section that no option has: a misspelt setting would leave the default in force without a word.
/// </summary>
/// <remarks>
/// A section below it that resembles no setting passes: the settings of another part, which this process may not use, can lie there.
/// </remarks>
internal sealed class StrictSection<TOptions>(string name, IConfigurationSection section) : IValidateOptions<TOptions>
    where TOptions : class
{
    private readonly string _name = name;

    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        if (!string.Equals(name, _name, StringComparison.Ordinal))
            return ValidateOptionsResult.Skip;

        var errors = new List<string>();
        Check(section, typeof(TOptions), errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Check(IConfigurationSection section, Type type, List<string> errors)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        foreach (var child in section.GetChildren())
        {
            var known = Array.Find(properties, p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (known is not null)
            {
                // Settings of a part, unlike lists and dictionaries, have names of their own.
                if (known.PropertyType is { IsClass: true } part && part.Assembly == typeof(DataResilienceOptions).Assembly)
                    Check(child, part, errors);
                continue;
            }

            var near = properties.Select(static p => p.Name).MinBy(n => Distance(child.Key, n))!;
            var isNear = Distance(child.Key, near) <= Math.Max(2, near.Length / 3);
            if (!isNear && child.Value is null)
                continue;

            var all = string.Join(", ", properties.Select(static p => p.Name));
            errors.Add($"{child.Path} is not a setting; {(isNear ? $"did you mean {near}? There are" : "there are")} {all}.");
        }
    }

    /// <summary>Levenshtein's edit distance, in any case.</summary>
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
                var isSame = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]);
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (isSame ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
