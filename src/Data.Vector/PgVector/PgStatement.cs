using System.Globalization;

namespace Data.Vector.PgVector;

/// <summary>A statement, its parameters, and the settings of the transaction that it runs in.</summary>
internal sealed class PgStatement
{
    private readonly List<object> _values = [];
    private readonly List<KeyValuePair<string, string>> _settings = [];

    public string Text { get; set; } = "";

    public IReadOnlyList<object> Values => _values;

    public IReadOnlyList<KeyValuePair<string, string>> Settings => _settings;

    /// <summary>Adds a parameter and returns how the text names it.</summary>
    public string Parameter(object value)
    {
        _values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${_values.Count}");
    }

    /// <summary>Sets a setting for the transaction of the statement only.</summary>
    public void Set(string setting, string value) => _settings.Add(new(setting, value));
}
