using ConfigurationService.Changes;
using ConfigurationService.Errors;
using ConfigurationService.Http;
using ConfigurationService.Persistence;
using ConfigurationService.Settings;
using Data.Cache;
using Data.Resilience.Sessions;
using Npgsql;

namespace ConfigurationService.Hub;

/// <summary>
/// The hub: reads through the cache, writes in one transaction of three round trips (lock and read, change and verify, commit).
/// </summary>
internal sealed class HubStore(
    IDbSessionFactory<ConfigurationDbContext> sessions, DataCache cache, CacheSettings settings, AnswerSize size)
    : IChangeListener
{
    private const string Created = "created";
    private const string Updated = "updated";

    // No bus is connected: listeners find out by asking.
    private const string NotBroadcast = "skipped";

    private readonly DataCacheEntryOptions _options = new() { Expiration = settings.Ttl, NegativeExpiration = settings.Ttl };

    public ValueTask<ServiceConfigView?> ReadAsync(string service, CancellationToken cancellationToken) =>
        cache.GetOrCreateAsync(
            KeyOf(service), (sessions, service), static (state, _, token) => LoadAsync(state.sessions, state.service, token),
            _options, cancellationToken: cancellationToken);

    public async Task<PublishView> PublishAsync(
        ServiceConfigDraft draft,
        Precondition? condition,
        Change change,
        CancellationToken cancellationToken)
    {
        var (before, after) = await WriteAsync(
            draft.Service,
            change,
            condition,
            (_, row, _) => Task.FromResult(ServiceConfigRow.From(row, draft)),
            cancellationToken);
        return new PublishView(before is null ? Created : Updated, NotBroadcast, after.Version);
    }

    public async Task DeleteAsync(string service, Precondition? condition, Change change, CancellationToken cancellationToken) =>
        await WriteAsync(
            service, change, condition,
            (_, row, _) => Task.FromResult(row is { } found ? found with { Active = false } : throw Unknown(service)), cancellationToken);

    public async Task<PublishView> RollbackAsync(
        string service,
        int version,
        Precondition? condition,
        Change change,
        CancellationToken cancellationToken)
    {
        var (before, after) = await WriteAsync(
            service, change with { RolledBackTo = version }, condition,
            (connection, _, token) => ServiceConfigRows.ReadVersionAsync(connection, service, version, token), cancellationToken);
        return new PublishView(before is null ? Created : Updated, NotBroadcast, after.Version);
    }

    public string Table => "service_configs";

    // Without a token: the write is committed, and a caller who hangs up must not leave an old value behind.
    public ValueTask DropAsync(string scope) => cache.RemoveAsync(KeyOf(scope), CancellationToken.None);

    public static ProblemException Unknown(string service) => new(Problems.NotFound, $"There is no service '{service}'.");

    private async Task<(ServiceConfigRow? Before, ServiceConfigRow After)> WriteAsync(
        string service, Change change, Precondition? condition,
        Func<NpgsqlConnection, ServiceConfigRow?, CancellationToken, Task<ServiceConfigRow>> decide, CancellationToken cancellationToken)
    {
        try
        {
            var result = await sessions.WriteRawAsync(async (connection, token) =>
            {
                var stored = await ServiceConfigRows.LockAsync(connection, service, change, token);
                var row = stored is { Active: true } ? stored : null;
                condition?.Demand(row is null ? null : EntityTag.OfVersion(row.Version));
                var target = await decide(connection, row, token);
                var after = await ServiceConfigRows.ApplyAsync(connection, target, token);
                size.Demand(after.AnswerCharacters, after.ToView, () => row?.ToView(), HubJson.Default.ServiceConfigView);
                return (Before: row, After: after);
            }, cancellationToken: cancellationToken);
            await DropAsync(service);
            return result;
        }
        catch (Exception e) when (Precondition.LeavesDoubt(e))
        {
            await DropAsync(service);
            throw;
        }
    }

    private static async ValueTask<ServiceConfigView?> LoadAsync(
        IDbSessionFactory<ConfigurationDbContext> sessions, string service, CancellationToken cancellationToken)
    {
        var row = await sessions.ReadRawAsync(
            (connection, token) => ServiceConfigRows.ReadAsync(connection, service, token),
            cancellationToken: cancellationToken);
        return row is { Active: true } ? row.ToView() : null;
    }

    private static string KeyOf(string service) => $"service_config:{service}";
}
