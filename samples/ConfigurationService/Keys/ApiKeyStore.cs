using ConfigurationService.Errors;
using ConfigurationService.Persistence;
using ConfigurationService.Persistence.Model;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;

namespace ConfigurationService.Keys;

/// <summary>Makes, lists and deletes keys. A deleted key stays as a row, for history names it.</summary>
internal sealed class ApiKeyStore(
    IDbSessionFactory<ConfigurationDbContext> sessions, ApiKeyDirectory directory, OperatorKeys operators, TimeProvider time)
{
    public async Task<IReadOnlyList<KeyView>> ListAsync(CancellationToken cancellationToken)
    {
        var keys = await sessions.ReadAsync(
            static (session, token) => session.Context.ApiKeys.AsNoTracking().Where(k => k.RevokedAt == null)
                .OrderBy(k => k.CreatedAt).ThenBy(k => k.Id).ToListAsync(token),
            cancellationToken: cancellationToken);
        return [.. keys.Select(static k => new KeyView(
            k.Id,
            k.Name,
            k.Hint,
            k.TenantId,
            k.Scopes,
            Utc(k.CreatedAt),
            k.CreatedBy,
            k.ExpiresAt is { } end ? Utc(end) : null))];
    }

    public async Task<NewKeyView> CreateAsync(NewKeyRequest request, Caller caller, CancellationToken cancellationToken)
    {
        // Outside the session, whose body may run again: every attempt must store the same key.
        var secret = ApiKeySecret.Create();
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var expiresAt = now + request.Lifetime;
        await sessions.WriteAsync(async (session, token) =>
        {
            session.Context.ApiKeys.Add(new ApiKey
            {
                Id = id,
                Name = request.Name,
                KeyHash = ApiKeySecret.Hash(secret),
                Hint = ApiKeySecret.Hint(secret),
                TenantId = request.Tenant,
                Scopes = ApiScopeNames.Of(request.Scopes),
                CreatedAt = now.UtcDateTime,
                CreatedBy = caller.Name,
                ExpiresAt = expiresAt.UtcDateTime,
            });
            await session.Context.SaveChangesAsync(token);
        }, cancellationToken: cancellationToken);
        operators.Add(new KnownKey(id, request.Name, ApiKeySecret.Hash(secret), request.Tenant, request.Scopes, expiresAt));
        return new NewKeyView(id, request.Name, secret, request.Tenant, ApiScopeNames.Of(request.Scopes), expiresAt);
    }

    public async Task DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var hash = await sessions.WriteAsync(async (session, token) =>
        {
            // Two deletions at once must not each count on the other's key to remain.
            await session.Context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended('api_keys', 8104))", token);
            var working = await session.Context.ApiKeys.AsTracking()
                .Where(k => k.RevokedAt == null && (k.Id == id || (k.TenantId == null && (k.ExpiresAt == null || k.ExpiresAt > now))))
                .ToListAsync(token);
            var key = working.Find(k => k.Id == id) ?? throw new ProblemException(Problems.NotFound, $"There is no key {id}.");
            if (IsAdministrator(key) && !working.Exists(k => k.Id != id && IsAdministrator(k)))
                throw new ProblemException(Problems.LastAdminKey, "Make another administrator's key first.");
            key.RevokedAt = now;
            await session.Context.SaveChangesAsync(token);
            return key.KeyHash;
        }, cancellationToken: cancellationToken);
        await directory.ForgetAsync(hash);
        operators.Forget(hash);
    }

    private static DateTimeOffset Utc(DateTime time) => new(time, TimeSpan.Zero);

    private static bool IsAdministrator(ApiKey key) => key.TenantId is null && key.Scopes.Contains("admin", StringComparer.Ordinal);
}
