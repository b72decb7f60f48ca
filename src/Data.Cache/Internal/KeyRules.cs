using System.Text;

namespace Data.Cache.Internal;

/// <summary>The rules for keys and tags. They are checked on misses only: an invalid key is never stored, so it cannot be hit.</summary>
internal static class KeyRules
{
    public const int MaxLength = 1024;

    public static bool IsValid(ReadOnlySpan<char> key)
    {
        if (key.Length is 0 or > MaxLength)
            return false;
        foreach (var c in key)
        {
            if (char.IsControl(c))
                return false;
        }

        // A lone surrogate would be encoded as a replacement character, and two keys would become one in Redis.
        return key.IndexOfAnyInRange('\uD800', '\uDFFF') < 0 || IsWellFormed(key);
    }

    public static bool IsValidTag(string? tag) => tag is not null and not "*" && IsValid(tag);

    private static bool IsWellFormed(ReadOnlySpan<char> key)
    {
        while (!key.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(key, out _, out var width) != System.Buffers.OperationStatus.Done)
                return false;
            key = key[width..];
        }

        return true;
    }
}
