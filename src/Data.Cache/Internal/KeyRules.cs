using System.Text;

namespace Data.Cache.Internal;

/// <summary>The rules for keys and tags. They are checked on misses only: an invalid key is never stored, so it cannot be hit.</summary>
internal static class KeyRules
{
    /// <summary>Longest tag, in characters.</summary>
    public const int MaxTagLength = 1024;

    /// <summary>Longest identifier of a tenant, or name of a namespace, in characters.</summary>
    public const int MaxScopeLength = 255;

    public static bool IsValid(ReadOnlySpan<char> key, int maxLength) => key.Length > 0 && key.Length <= maxLength && IsText(key);

    public static bool IsValidTag(string? tag) => tag is not null and not "*" && IsValid(tag, MaxTagLength);

    /// <summary>Refuses an identifier of a tenant, or a name of a namespace, that is not valid.</summary>
    /// <exception cref="ArgumentException">It is empty, too long, or contains a control character or a lone surrogate.</exception>
    public static void RequireScope(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        if (name.Length > MaxScopeLength)
            throw new ArgumentException($"It has {name.Length} characters; at most {MaxScopeLength} are allowed.", parameter);
        if (!IsText(name))
            throw new ArgumentException("It contains a control character or a lone surrogate.", parameter);
    }

    private static bool IsText(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c))
                return false;
        }

        // A lone surrogate would be encoded as a replacement character, and two names would become one in Redis.
        return text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0 || IsWellFormed(text);
    }

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
