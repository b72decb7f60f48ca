using System.Runtime.CompilerServices;

namespace Data.Cache.Local;

/// <summary>The fields of an entry that a hit reads.</summary>
/// <remarks>
/// The fields of a base class come first in memory, so that these lie in one or two cache lines, whatever the rest of the entry holds. With
/// its fields spread over the whole entry a hit spent more time waiting for memory than computing.
/// </remarks>
internal abstract class EntryHead(string key, int scopeLength, uint hash, long eagerAt, object? shared)
{
    public readonly string Key = key;

    /// <summary>
    /// The value where every caller may have the same object, boxed where it is a value type; null where callers get copies, and for a
    /// negative result.
    /// </summary>
    protected readonly object? Shared = shared;

    /// <summary>The next entry of the table's chain. Volatile: readers follow it without a lock.</summary>
    public volatile LocalEntry? Next;

    /// <summary>When a hit starts a refresh, on the monotonic clock; the hit that does so moves it to the end of the lifetime.</summary>
    public long EagerAt = eagerAt;

    public readonly uint Hash = hash;

    /// <summary>Characters of the key that name its scope.</summary>
    public readonly int ScopeLength = scopeLength;

    /// <summary>Version of the invalidation state this entry was last checked against.</summary>
    public int CheckedVersion;

    /// <summary>Uses since it entered its queue, capped. Races lose a count, which makes the policy slightly less accurate.</summary>
    public byte Uses;

    /// <summary>Whether its uses are reported one by one.</summary>
    public bool IsSampled;

    /// <summary>Whether this is the entry of a key in a scope.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNamed(ReadOnlySpan<char> scope, ReadOnlySpan<char> key) =>
        ScopeLength == scope.Length
        && Key.AsSpan(ScopeLength).SequenceEqual(key)
        && (scope.IsEmpty || Key.AsSpan(0, ScopeLength).SequenceEqual(scope));
}
