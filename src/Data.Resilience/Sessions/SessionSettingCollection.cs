namespace Data.Resilience.Sessions;

/// <summary>The transaction-local settings of one session.</summary>
/// <remarks>
/// Not safe for concurrent use; belongs to the call of <see cref="ISessionSettings.Collect"/>. No value appears in a log or an error of the
/// package.
/// </remarks>
public sealed class SessionSettingCollection
{
    /// <summary>Longest name in characters.</summary>
    public const int MaxNameLength = 126;

    internal static readonly SessionSettingCollection Empty = new();
    private readonly List<KeyValuePair<string, string>> _items = [];

    internal SessionSettingCollection()
    {
    }

    /// <summary>Number of settings.</summary>
    public int Count => _items.Count;

    internal KeyValuePair<string, string> this[int index] => _items[index];

    /// <summary>Adds a setting; the database reads it by <c>current_setting('app.request_id', true)</c>.</summary>
    /// <param name="name">The name: two or more parts with a point between them, each of ASCII letters, digits and underscores and not
    /// beginning with a digit, such as <c>app.request_id</c>; at most 126 characters. Settings of PostgreSQL itself have no point and are
    /// refused.</param>
    /// <param name="value">The value, sent as a parameter; any text without the null character. May be secret.</param>
    /// <exception cref="ArgumentException">The name has another form, or the value holds a null character or an unpaired
    /// surrogate.</exception>
    /// <exception cref="InvalidOperationException">The session has a setting of this name already, such as that of the tenant.</exception>
    public void Add(string name, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        if (!IsName(name))
        {
            throw new ArgumentException($"\"{name}\" is not the name of a setting of an application. It needs two or more parts of ASCII "
                + "letters, digits and underscores, such as app.request_id.", nameof(name));
        }

        if (!SessionText.IsStorable(value))
            throw new ArgumentException($"The value of {name} holds a null character or an unpaired surrogate.", nameof(value));
        foreach (var item in _items)
        {
            // PostgreSQL does not distinguish case either.
            if (string.Equals(item.Key, name, StringComparison.OrdinalIgnoreCase))
                throw new InvalidOperationException($"The setting {name} is added twice. Only one source may add it.");
        }

        _items.Add(new(name, value));
    }

    /// <summary>Returns the name of a setting that one has and the other has not, or with another value; null when they agree.</summary>
    internal string? FindDifference(SessionSettingCollection other)
    {
        for (var index = 0; index < Math.Max(Count, other.Count); index++)
        {
            if (index >= Count || index >= other.Count || this[index].Key != other[index].Key || this[index].Value != other[index].Value)
                return index < Count ? this[index].Key : other[index].Key;
        }

        return null;
    }

    private static bool IsName(string name)
    {
        if (name.Length > MaxNameLength || !name.Contains('.', StringComparison.Ordinal))
            return false;

        foreach (var range in name.AsSpan().Split('.'))
        {
            var part = name.AsSpan()[range];
            if (part.IsEmpty || char.IsAsciiDigit(part[0]))
                return false;
            foreach (var c in part)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                    return false;
            }
        }

        return true;
    }
}
