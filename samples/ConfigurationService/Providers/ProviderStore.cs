using ConfigurationService.Encryption;
using ConfigurationService.Errors;
using ConfigurationService.Http;
using ConfigurationService.Persistence;
using Npgsql;

namespace ConfigurationService.Providers;

/// <summary>
/// Writes of providers. Each is one transaction of three round trips: lock and read, change and verify, commit; then the cached lists of
/// the touched types are dropped.
/// </summary>
internal sealed class ProviderStore(TenantSessions sessions, TenantKeys keys, ProviderCache cache, AnswerSize size)
{
    /// <summary>Writes what the drafts say.</summary>
    /// <param name="tenant">Whose configuration.</param>
    /// <param name="drafts">What the caller sent.</param>
    /// <param name="plan">Turns current rows, drafts and keys into what to do.</param>
    /// <param name="condition">ETag of the whole tenant that the caller expects; null for any.</param>
    /// <param name="change">Who and why.</param>
    /// <param name="cancellationToken">Ends the wait; a transaction that has not committed is rolled back.</param>
    public async Task<WriteResult> WriteAsync(
        string tenant, IReadOnlyList<ProviderDraft> drafts,
        Func<IReadOnlyList<ProviderRow>, IReadOnlyList<ProviderDraft>, TenantKeyring?, ProviderPlan> plan,
        Precondition? condition, Change change, CancellationToken cancellationToken)
    {
        var keyring = await KeyringAsync(tenant, drafts, cancellationToken);
        return await ChangeAsync(tenant, change, rows =>
        {
            condition?.Demand(rows.Count == 0 ? null : ProviderRow.ToTenant(tenant, rows).Tag());
            return plan(rows, drafts, keyring);
        }, cancellationToken);
    }

    /// <summary>Writes one provider; <paramref name="plan"/> gets its row, or null when there is none.</summary>
    public async Task<WriteResult> WriteOneAsync(
        string tenant, ProviderDraft draft, Func<ProviderRow?, TenantKeyring?, ProviderPlan> plan,
        Precondition? condition, Change change, CancellationToken cancellationToken)
    {
        var keyring = await KeyringAsync(tenant, [draft], cancellationToken);
        return await ChangeAsync(tenant, change, rows =>
        {
            var row = rows.FirstOrDefault(r => (r.Type, r.Name) == draft.Id);
            condition?.Demand(row is null ? null : EntityTag.OfVersion(row.Version));
            return plan(row, keyring);
        }, cancellationToken);
    }

    /// <summary>Brings back the content of an earlier version as a new one.</summary>
    public async Task<WriteResult> RollbackAsync(
        string tenant, Guid configId, int version, Precondition? condition, Change change, CancellationToken cancellationToken)
    {
        return await WriteAsync(tenant, async (connection, token) =>
        {
            var rows = await ProviderRows.LockAsync(connection, tenant, change with { RolledBackTo = version }, token);
            condition?.Demand(rows.Find(r => r.Id == configId) is { } row ? EntityTag.OfVersion(row.Version) : null);
            var target = await ProviderHistoryRows.ReadTargetAsync(connection, tenant, configId, version, token);
            var plan = new ProviderPlan([target], [], false);
            return await ApplyAsync(connection, tenant, rows, plan, token);
        }, cancellationToken);
    }

    private Task<WriteResult> ChangeAsync(
        string tenant, Change change, Func<IReadOnlyList<ProviderRow>, ProviderPlan> decide, CancellationToken cancellationToken) =>
        WriteAsync(tenant, (connection, token) => ChangeAsync(connection, tenant, change, decide, token), cancellationToken);

    private async Task<WriteResult> WriteAsync(
        string tenant, Func<NpgsqlConnection, CancellationToken, Task<WriteResult>> work, CancellationToken cancellationToken)
    {
        try
        {
            var result = await sessions.WriteAsync(tenant, work, cancellationToken);
            await cache.RemoveAsync(tenant, result.Plan.Types);
            return result;
        }
        catch (Exception e) when (Precondition.LeavesDoubt(e))
        {
            await cache.RemoveAsync(tenant, ProviderTypes.All);
            throw;
        }
    }

    private async Task<WriteResult> ChangeAsync(
        NpgsqlConnection connection,
        string tenant,
        Change change,
        Func<IReadOnlyList<ProviderRow>, ProviderPlan> decide,
        CancellationToken cancellationToken)
    {
        var before = await ProviderRows.LockAsync(connection, tenant, change, cancellationToken);
        var plan = decide(before);
        return plan.IsNothing ? new WriteResult(plan, before) : await ApplyAsync(connection, tenant, before, plan, cancellationToken);
    }

    private async Task<WriteResult> ApplyAsync(
        NpgsqlConnection connection,
        string tenant,
        IReadOnlyList<ProviderRow> before,
        ProviderPlan plan,
        CancellationToken cancellationToken)
    {
        var after = await ProviderRows.ApplyAsync(connection, tenant, plan, cancellationToken);
        size.Demand(
            after.Sum(static row => row.AnswerCharacters),
            () => ProviderRow.ToTenant(tenant, after), () => ProviderRow.ToTenant(tenant, before), ProviderJson.Default.TenantView);
        return new WriteResult(plan, after);
    }

    private async Task<TenantKeyring?> KeyringAsync(
        string tenant,
        IReadOnlyList<ProviderDraft> drafts,
        CancellationToken cancellationToken) =>
        drafts.Any(static d => d.HasSecrets) ? await keys.GetAsync(tenant, cancellationToken) : null;
}
