using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Data.Cache.Redis;

/// <summary>Maps the cache's names to keys in Redis.</summary>
/// <remarks>
/// A full name is the user's key, or "\u0001scope\u0001key" inside a scope: keys must not contain control characters, so no user key has
/// that form. In Redis: <c>prefix:v:scope:key</c> for values, <c>prefix:g:{prefix}:scope:tag</c> for generations of tags,
/// <c>prefix:l:{slot}:…</c> for leases and <c>prefix:r:{slot}:…</c> for tombstones. The scope is empty or percent-encoded and contains
/// no colon, so the first colon ends it.
/// </remarks>
internal sealed class RedisKeys(string prefix)
{
    private volatile bool _isCluster;

    public const char ScopeMark = '\u0001';
    private readonly string _values = prefix + ":v:";
    private readonly string _tags = prefix + ":g:{" + prefix + "}:";
    private readonly string _leases = prefix + ":l:{";
    private readonly string _tombstones = prefix + ":r:{";
    private readonly string _markers = prefix + ":m";

    /// <summary>The invalidation channel.</summary>
    public string Channel { get; } = prefix + ":bus";

    /// <summary>The key that epochs come from; in the slot of all tags, so that one server orders them.</summary>
    public string Clock { get; } = prefix + ":clock:{" + prefix + "}";

    /// <summary>The key that tells whether the server of the tags has lost data; in their slot.</summary>
    public string Incarnation { get; } = prefix + ":incarnation:{" + prefix + "}";

    /// <summary>Returns the key that tells whether the server of a slot has lost data.</summary>
    public string IncarnationOf(int slot) => string.Concat(prefix, ":incarnation:{", SlotTags.For(slot), "}");

    /// <summary>Returns the key that a node writes, reads and removes to see whether it may.</summary>
    public string Check(long node) => prefix + ":check:" + node.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    public string Value(string fullName) => Map(_values, fullName);

    public string Tag(string fullName) => Map(_tags, fullName);

    /// <summary>Returns the key of a value's lease, in the slot of the value, so that one script may use both.</summary>
    public string Lease(string valueKey) => Beside(_leases, valueKey);

    /// <summary>Returns the key that holds the time of a value's last removal.</summary>
    public string Tombstone(string valueKey) => Beside(_tombstones, valueKey);

    /// <summary>
    /// Returns the key that holds the epoch of the last removal by pattern: one for each slot in a cluster, where a script reaches only the
    /// value's slot, otherwise one for all values.
    /// </summary>
    public string Marker(string valueKey) => _isCluster ? SlotMarker(HashSlots.Of(valueKey)) : _markers;

    /// <summary>Returns the keys of all markers.</summary>
    public IEnumerable<string> Markers() => _isCluster ? Enumerable.Range(0, HashSlots.Count).Select(SlotMarker) : [_markers];

    /// <summary>Whether keys are spread over slots.</summary>
    public bool IsCluster => _isCluster;

    /// <summary>Sets whether keys are spread over slots.</summary>
    public void UseCluster(bool isCluster) => _isCluster = isCluster;

    /// <summary>Returns the prefix of the values in a scope.</summary>
    public string ValuePrefix(string scope) => _values + scope + ":";

    /// <summary>Returns the prefix of all values.</summary>
    public string ValuePrefix() => _values;

    /// <summary>Returns the full name for a key, if it is that of a value.</summary>
    public bool TryFullName(string key, [NotNullWhen(true)] out string? name)
    {
        name = key.StartsWith(_values, StringComparison.Ordinal) && key.IndexOf(':', _values.Length) >= 0 ? FullName(key) : null;
        return name is not null;
    }

    /// <summary>Returns the full name for a value's key.</summary>
    public string FullName(string valueKey)
    {
        var rest = valueKey.AsSpan(_values.Length);
        var colon = rest.IndexOf(':');
        return colon == 0 ? rest[1..].ToString() : string.Concat("\u0001", rest[..colon], "\u0001", rest[(colon + 1)..]);
    }

    private string SlotMarker(int slot) => string.Concat(_markers, ":{", SlotTags.For(slot), "}");

    private string Beside(string family, string valueKey) =>
        string.Concat(family, SlotTags.For(HashSlots.Of(valueKey)), "}:", valueKey.AsSpan(_values.Length));

    private static string Map(string family, string fullName)
    {
        if (fullName.Length == 0 || fullName[0] != ScopeMark)
            return string.Concat(family, ":", fullName);
        var end = fullName.IndexOf(ScopeMark, 1);
        return string.Concat(family, fullName.AsSpan(1, end - 1), ":", fullName.AsSpan(end + 1));
    }
}

/// <summary>
/// Computes the slot of a key in a cluster: CRC-16 (XMODEM) modulo 16,384 of the key, or of the text in its first braces.
/// </summary>
internal static class HashSlots
{
    public const int Count = 16384;
    private static readonly ushort[] Table = MakeTable();

    public static int Of(string key)
    {
        Span<byte> small = stackalloc byte[256];
        var length = Encoding.UTF8.GetByteCount(key);
        var bytes = length <= small.Length ? small[..length] : new byte[length];
        Encoding.UTF8.GetBytes(key, bytes);
        return Of(bytes);
    }

    public static int Of(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open >= 0)
        {
            var close = key[(open + 1)..].IndexOf((byte)'}');
            if (close > 0)
                key = key.Slice(open + 1, close);
        }

        return Crc16(key) & (Count - 1);
    }

    private static int Crc16(ReadOnlySpan<byte> bytes)
    {
        var crc = 0;
        foreach (var single in bytes)
            crc = ((crc << 8) & 0xFFFF) ^ Table[(crc >> 8) ^ single];
        return crc;
    }

    private static ushort[] MakeTable()
    {
        var table = new ushort[256];
        for (var index = 0; index < table.Length; index++)
        {
            var crc = index << 8;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            table[index] = (ushort)crc;
        }

        return table;
    }
}

/// <summary>
/// A short text for each slot that hashes to it, so that a related key can be placed in the slot of any key, also one with unmatched
/// braces.
/// </summary>
internal static class SlotTags
{
    private static readonly string[] Tags = Make();

    public static string For(int slot) => Tags[slot];

    private static string[] Make()
    {
        var tags = new string[HashSlots.Count];
        Span<byte> digits = stackalloc byte[10];
        for (int i = 0, found = 0; found < tags.Length; i++)
        {
            i.TryFormat(digits, out var length, default, System.Globalization.CultureInfo.InvariantCulture);
            var slot = HashSlots.Of(digits[..length]);
            if (tags[slot] is not null)
                continue;
            tags[slot] = Encoding.ASCII.GetString(digits[..length]);
            found++;
        }

        return tags;
    }
}
