using System.Globalization;

namespace ConfigurationService.Settings;

/// <summary>Reads settings and gathers everything that is wrong with them, so that one start tells all.</summary>
internal sealed class SettingReader(IConfiguration configuration)
{
    private readonly List<string> _faults = [];
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<string> Faults => _faults;

    public void Fault(string name, string what) => _faults.Add($"{name}: {what}");

    /// <summary>The result of a step; null when it fails, whose faults are then among the others.</summary>
    public T? Try<T>(Func<T?> step)
        where T : class
    {
        try
        {
            return step();
        }
        catch (SettingsException e)
        {
            _faults.AddRange(e.Faults);
            return null;
        }
    }

    /// <summary>Ends the start with everything that was found.</summary>
    public void ThrowIfAny()
    {
        if (_faults.Count > 0)
            throw new SettingsException(_faults);
    }

    /// <summary>The settings below a section, with their full names.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Below(string section) =>
        configuration.GetSection(section).AsEnumerable().Where(static s => s.Value is not null);

    public string? Text(string name)
    {
        _known.Add(name);
        return configuration[name] is { Length: > 0 } value ? value : null;
    }

    public int Integer(string name, int otherwise, int minimum, int maximum)
    {
        if (Text(name) is not { } text)
            return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum)
            return value;
        Fault(name, $"'{text}' is not a whole number from {minimum} to {maximum} (default {otherwise})");
        return otherwise;
    }

    /// <summary>A misspelt setting is as wrong as a wrong value: it would silently leave the default in force.</summary>
    public void RejectUnknown(params ReadOnlySpan<string> sections)
    {
        foreach (var section in sections)
        {
            foreach (var child in configuration.GetSection(section).GetChildren())
            {
                if (!_known.Contains(child.Path))
                    Fault(child.Path, $"there is no such setting; {section} has {Names(section)}");
            }
        }
    }

    private string Names(string section) => string.Join(
        ", ", _known.Where(k => k.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase)).Select(k => k[(section.Length + 1)..])
            .Order());
}
