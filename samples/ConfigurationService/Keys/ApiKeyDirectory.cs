using System.Security.Cryptography;
using ConfigurationService.Persistence;
using ConfigurationService.Settings;
using Data.Cache;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Hybrid;

namespace ConfigurationService.Keys;

/// <summary>
/// Tells whose a key is. Answers are remembered in this process alone, so that no second-level cache holds who may do what.
/// </summary>
internal sealed class ApiKeyDirectory(
    IDbSessionFactory<ConfigurationDbContext> sessions,
    DataCache cache,
    CacheSettings settings,
    TimeProvider time)
{
    private static readonly TimeSpan UnknownTtl = TimeSpan.FromSeconds(5);

    private readonly DataCacheEntryOptions _options = new()
    {
        Expiration = settings.KeyTtl,
        NegativeExpiration = UnknownTtl < settings.KeyTtl ? UnknownTtl : settings.KeyTtl,
        Flags = HybridCacheEntryFlags.DisableDistributedCache,
    };

    /// <summary>The caller behind a key; null when it is unknown, deleted or expired.</summary>
    public async ValueTask<Caller?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (!ApiKeySecret.HasForm(key))
            return null;
        var hash = ApiKeySecret.Hash(key);
        var known = await cache.GetOrCreateAsync(
            CacheKey(hash), (sessions, hash), static (state, _, token) => ReadAsync(state.sessions, state.hash, token),
            _options, cancellationToken: cancellationToken);
        // The index has found it by its hash; comparing again in constant time leaves the index nothing to tell by its timing.
        if (known is null || !CryptographicOperations.FixedTimeEquals(known.Hash, hash) || known.ExpiresAt <= time.GetUtcNow())
            return null;
        return new Caller(known.Id, known.Name, known.Tenant, known.Scopes);
    }

    public ValueTask ForgetAsync(byte[] hash) => cache.RemoveAsync(CacheKey(hash), CancellationToken.None);

    private static async ValueTask<KnownKey?> ReadAsync(
        IDbSessionFactory<ConfigurationDbContext> sessions,
        byte[] hash,
        CancellationToken cancellationToken)
    {
        var key = await sessions.ReadAsync(
            (session, token) => session.Context.ApiKeys.AsNoTracking()
                .SingleOrDefaultAsync(k => k.KeyHash == hash && k.RevokedAt == null, token),
            cancellationToken: cancellationToken);
        return key is null ? null : KnownKey.Of(key);
    }

    private static string CacheKey(byte[] hash) => $"api_key:{Convert.ToHexStringLower(hash)}";
}
