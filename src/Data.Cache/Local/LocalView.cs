using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Data.Cache.Observation;
using Microsoft.Extensions.Caching.Hybrid;

namespace Data.Cache.Local;

/// <summary>The local level as one scope sees it: the hit of a key relative to that scope.</summary>
/// <param name="level">The level.</param>
/// <param name="scope">Prefix of the scope's names; empty for the root.</param>
/// <param name="scopeHash">Hash of that prefix.</param>
/// <param name="defaults">Flags of calls that give none.</param>
internal sealed class LocalView(LocalLevel level, string scope, ulong scopeHash, HybridCacheEntryFlags defaults)
{
    private readonly CacheEvents? _events = level.Events;
    private readonly bool _isRead = !defaults.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead);

    /// <summary>Finds a fresh value, unless the flags forbid reading the local level.</summary>
    public bool TryHit<T>(ReadOnlySpan<char> key, HybridCacheEntryFlags? flags, [MaybeNullWhen(false)] out T value)
    {
        if (IsRead(flags) && Find(key) is TypedEntry<T> hit && hit.TryTake(out value!))
        {
            level.Hits.Increment();
            if (_events is not null)
                Raise(_events, key);
            return true;
        }

        value = default;
        return false;
    }

    private bool IsRead(HybridCacheEntryFlags? flags) =>
        flags is null ? _isRead : !flags.Value.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Raise(CacheEvents events, ReadOnlySpan<char> key) =>
        events.Raise(CacheEventKind.LocalHit, string.Concat(scope, key));

    // Neither generic nor inlined into generic code: the compiler allocates registers less well in code shared by all reference types.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private LocalEntry? Find(ReadOnlySpan<char> key) => level.FindFresh(scope, key, NameHash.OfKey(scopeHash, key));
}
