using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Local;

/// <summary>The local level as one scope sees it: the hit of a key relative to that scope.</summary>
/// <param name="level">The level.</param>
/// <param name="scope">Prefix of the scope's names; empty for the root.</param>
/// <param name="scopeHash">Hash of that prefix.</param>
internal sealed class LocalView(LocalLevel level, string scope, ulong scopeHash)
{
    /// <summary>Finds a fresh value, unless the flags forbid reading the local level.</summary>
    public bool TryHit<T>(ReadOnlySpan<char> key, HybridCacheEntryFlags? flags, [MaybeNullWhen(false)] out T value)
    {
        if (IsRead(flags) && Find(key) is TypedEntry<T> hit && hit.TryTake(out value!))
        {
            level.Hits.Increment();
            return true;
        }

        value = default;
        return false;
    }

    private static bool IsRead(HybridCacheEntryFlags? flags) =>
        flags is null || !flags.Value.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead);

    // Neither generic nor inlined into generic code: the compiler allocates registers less well in code shared by all reference types.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private LocalEntry? Find(ReadOnlySpan<char> key) => level.FindFresh(scope, key, NameHash.OfKey(scopeHash, key));
}
