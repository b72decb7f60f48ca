using System.Globalization;

namespace Data.Health.Contributors.Stores;

/// <summary>The answer to INFO as names and values.</summary>
internal sealed class RedisInfo
{
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    public RedisInfo(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[0] != '#')
                _fields[line[..colon]] = line[(colon + 1)..].TrimEnd('\r');
        }
    }

    public string? Text(string name) => _fields.GetValueOrDefault(name);

    public long? Number(string name) =>
        long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;
}
