namespace Data.Resilience.Sessions;

/// <summary>The settings of one attempt; allocates only when something is added.</summary>
internal struct SessionSettingList
{
    private List<KeyValuePair<string, string>>? _items;

    public readonly int Count => _items?.Count ?? 0;

    public readonly KeyValuePair<string, string> this[int index] => _items![index];

    /// <summary>Returns the name of a setting that the other list has not, or has with another value; null when the lists agree.</summary>
    public readonly string? FindDifference(SessionSettingList other)
    {
        for (var index = 0; index < Math.Max(Count, other.Count); index++)
        {
            if (index >= Count || index >= other.Count || this[index].Key != other[index].Key || this[index].Value != other[index].Value)
                return index < Count ? this[index].Key : other[index].Key;
        }

        return null;
    }

    /// <summary>Adds a setting; name and value are sent as parameters, so they need no quoting.</summary>
    public void Add(string name, string value) => (_items ??= []).Add(new(name, value));
}
