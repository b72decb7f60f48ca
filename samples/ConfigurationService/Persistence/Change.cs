using Npgsql;

namespace ConfigurationService.Persistence;

/// <summary>Who changes something and why: handed to the triggers that write history, for the length of one transaction.</summary>
internal sealed record Change(string Actor, string? Reason, int? RolledBackTo = null)
{
    private const string Announce =
        """
        SELECT set_config('app.changed_by', $1, true), set_config('app.change_reason', $2, true),
               set_config('app.rolled_back_to', $3, true), pg_advisory_xact_lock(hashtextextended($4, 8104))
        """;

    /// <summary>
    /// Adds the announcement to a batch, and a lock on what is changed: writers of one tenant or service follow each other, so they never
    /// meet in a deadlock and the history's order is that of the commits.
    /// </summary>
    public void AddTo(NpgsqlBatch batch, string locked) => batch.Add(
        Announce, Actor, Reason ?? "", RolledBackTo is { } version ? $"{version}" : "", locked);
}
