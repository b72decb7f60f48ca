namespace Data.Resilience.Sessions;

/// <summary>The settings of one attempt; allocates only when something is added.</summary>
internal struct SessionSettingList
{
    private List<KeyValuePair<string, string>>? _items;

    public readonly int Count => _items?.Count ?? 0;

    public readonly KeyValuePair<string, string> this[int index] => _items![index];

    /// <summary>Adds a setting; name and value are sent as parameters, so they need no quoting.</summary>
    public void Add(string name, string value) => (_items ??= []).Add(new(name, value));
}
