using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Data.Vector;

/// <summary>The metadata of one record: values by key.</summary>
/// <remarks>
/// Not safe for concurrent writes. A store copies it when a record is written; what a store returns is read-only, and its setters throw.
/// Keys are compared ordinally. Most records have few entries, so they lie in one small array that is searched in order.
/// </remarks>
/// <example><code>
/// var metadata = new VectorMetadata { ["year"] = 2024, ["tags"] = new[] { "a", "b" } };
/// </code></example>
[SuppressMessage("Naming", "CA1710", Justification = "Metadata is the word of the field for exactly this.")]
public sealed class VectorMetadata : IReadOnlyDictionary<string, MetadataValue>
{
    internal static readonly VectorMetadata Empty = new() { _frozen = true };

    private KeyValuePair<string, MetadataValue>[] _entries;
    private int _count;
    private bool _frozen;

    /// <summary>Creates empty metadata.</summary>
    public VectorMetadata() => _entries = [];

    /// <summary>Creates metadata with copies of entries.</summary>
    /// <param name="entries">Keys and values, not null; a key that appears more than once keeps its last value.</param>
    public VectorMetadata(IEnumerable<KeyValuePair<string, MetadataValue>> entries)
        : this()
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (var (key, value) in entries)
            this[key] = value;
    }

    private VectorMetadata(KeyValuePair<string, MetadataValue>[] entries)
    {
        _entries = entries;
        _count = entries.Length;
        _frozen = true;
    }

    /// <inheritdoc/>
    public int Count => _count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _entries.Take(_count).Select(static entry => entry.Key);

    /// <inheritdoc/>
    public IEnumerable<MetadataValue> Values => _entries.Take(_count).Select(static entry => entry.Value);

    internal ReadOnlySpan<KeyValuePair<string, MetadataValue>> Entries => _entries.AsSpan(0, _count);

    /// <summary>Reads or writes the value of a key.</summary>
    /// <param name="key">The key, not null.</param>
    /// <returns>The value.</returns>
    /// <exception cref="KeyNotFoundException">Read: there is no such key.</exception>
    /// <exception cref="InvalidOperationException">Write: the metadata came from a store.</exception>
    public MetadataValue this[string key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"The metadata has no key '{key}'.");
        set
        {
            ArgumentNullException.ThrowIfNull(key);
            if (_frozen)
            {
                throw new InvalidOperationException(
                    "This metadata came from a store and is read-only; write a copy: new VectorMetadata(metadata).");
            }

            var entry = KeyValuePair.Create(key, value);
            if (IndexOf(key) is var index and >= 0)
            {
                _entries[index] = entry;
                return;
            }

            if (_count == _entries.Length)
                Array.Resize(ref _entries, Math.Max(4, _count * 2));

            _entries[_count++] = entry;
        }
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out MetadataValue value)
    {
        var index = IndexOf(key);
        value = index < 0 ? default : _entries[index].Value;
        return index >= 0;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, MetadataValue>> GetEnumerator() => _entries.Take(_count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Returns a read-only copy that shares nothing with this instance; a read-only instance returns itself.</summary>
    internal VectorMetadata Freeze() => _frozen ? this : _count == 0 ? Empty : new([.. Entries]);

    internal static VectorMetadata FromOwned(KeyValuePair<string, MetadataValue>[] entries) => entries.Length == 0 ? Empty : new(entries);

    private int IndexOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        for (var i = 0; i < _count; i++)
        {
            if (string.Equals(_entries[i].Key, key, StringComparison.Ordinal))
                return i;
        }

        return -1;
    }
}
