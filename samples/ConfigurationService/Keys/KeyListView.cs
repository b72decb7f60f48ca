namespace ConfigurationService.Keys;

/// <summary>All keys that work, or would if they had not expired.</summary>
internal sealed record KeyListView(IReadOnlyList<KeyView> Keys);
