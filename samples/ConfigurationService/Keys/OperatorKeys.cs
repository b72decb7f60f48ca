using System.Collections.Immutable;
using ConfigurationService.Persistence;
using Data.Resilience.Sessions;
using Microsoft.EntityFrameworkCore;

namespace ConfigurationService.Keys;

/// <summary>
/// The administrators' keys in memory, for what operators need while the database is down: the details of health, and metrics. A key is
/// recognised without asking anybody, so a wrong one costs nothing and a right one works on when its store is gone.
/// </summary>
internal sealed partial class OperatorKeys(
    IDbSessionFactory<ConfigurationDbContext> sessions, TimeProvider time, ILogger<OperatorKeys> logger) : BackgroundService
{
    // How long a key that another instance has made or deleted is judged by what was true before.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private ImmutableDictionary<string, KnownKey> _keys = ImmutableDictionary.Create<string, KnownKey>(StringComparer.Ordinal);
    private int _version;

    /// <summary>The administrator behind a key; null when it is unknown, deleted or expired, or a tenant's.</summary>
    public Caller? Find(string key) =>
        ApiKeySecret.HasForm(key)
        && Volatile.Read(ref _keys).TryGetValue(Name(ApiKeySecret.Hash(key)), out var known)
        && !(known.ExpiresAt <= time.GetUtcNow())
            ? new Caller(known.Id, known.Name, known.Tenant, known.Scopes)
            : null;

    /// <summary>Knows a key from now on that this instance has made, if it is an administrator's.</summary>
    public void Add(KnownKey key)
    {
        if (key.Tenant is null)
            Change(keys => keys.SetItem(Name(key.Hash), key));
    }

    /// <summary>Forgets a key that this instance has deleted.</summary>
    public void Forget(byte[] hash) => Change(keys => keys.Remove(Name(hash)));

    /// <summary>Reads the keys.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var version = Volatile.Read(ref _version);
        var keys = await sessions.ReadAsync(
            static (session, token) => session.Context.ApiKeys.AsNoTracking()
                .Where(k => k.TenantId == null && k.RevokedAt == null).ToListAsync(token),
            cancellationToken: cancellationToken);
        var known = keys.ToImmutableDictionary(k => Name(k.KeyHash), KnownKey.Of, StringComparer.Ordinal);

        // What was made, deleted or read meanwhile is newer than this answer; the next one has it.
        lock (_lock)
        {
            if (version == _version)
                Write(known);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var known = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await ReadAsync(stoppingToken);
                known = true;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Once per outage: health tells of it too.
                if (known)
                    NotRead(logger, e);
                known = false;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static string Name(byte[] hash) => Convert.ToHexStringLower(hash);

    private void Change(Func<ImmutableDictionary<string, KnownKey>, ImmutableDictionary<string, KnownKey>> change)
    {
        lock (_lock)
            Write(change(_keys));
    }

    private void Write(ImmutableDictionary<string, KnownKey> keys)
    {
        Volatile.Write(ref _keys, keys);
        _version++;
    }

    [LoggerMessage(5031, LogLevel.Warning, "The administrators' keys cannot be read; those known keep working for health and metrics.")]
    private static partial void NotRead(ILogger logger, Exception exception);
}
