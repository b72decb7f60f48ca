using System.Security.Cryptography;
using ConfigurationService.Changes;
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
    TimeProvider time) : IChangeListener
{
    // A request has seconds, and the key is only its first step.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan UnknownTtl = TimeSpan.FromSeconds(5);

    private readonly DataCacheEntryOptions _options = new()
    {
        Expiration = settings.KeyTtl,
        NegativeExpiration = UnknownTtl < settings.KeyTtl ? UnknownTtl : settings.KeyTtl,
        // While the database is away, the last answer counts: a key that cannot be looked up has not been deleted either.
        MaxStale = settings.KeyOutage,
        FactorySoftTimeout = Patience,
        Flags = HybridCacheEntryFlags.DisableDistributedCache,
    };

    /// <summary>The caller behind a key; null when it is unknown, deleted or expired.</summary>
    public async ValueTask<Caller?> FindAsync(string key, CancellationToken cancellationToken)
    {
        if (!ApiKeySecret.HasForm(key))
            return null;
        var hash = ApiKeySecret.Hash(key);
        var known = await cache.GetOrCreateAsync(
            CacheKey(Convert.ToHexStringLower(hash)), (sessions, hash),
            static (state, _, token) => ReadAsync(state.sessions, state.hash, token),
            _options, cancellationToken: cancellationToken);
        // The index has found it by its hash; comparing again in constant time leaves the index nothing to tell by its timing.
        if (known is null || !CryptographicOperations.FixedTimeEquals(known.Hash, hash) || known.ExpiresAt <= time.GetUtcNow())
            return null;
        return new Caller(known.Id, known.Name, known.Tenant, known.Scopes);
    }

    public string Table => "api_keys";

    public ValueTask ForgetAsync(byte[] hash) => DropAsync(Convert.ToHexStringLower(hash));

    public ValueTask DropAsync(string scope) => cache.RemoveAsync(CacheKey(scope), CancellationToken.None);

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

    private static string CacheKey(string hash) => $"api_key:{hash}";
}
