using Microsoft.EntityFrameworkCore.Migrations;

namespace Data.Resilience.Migrations;

/// <summary>Checks the target of a run before anything is changed.</summary>
internal static class MigrationTarget
{
    /// <summary>The full id of the target; null for the last one.</summary>
    public static string? Resolve(string? target, IReadOnlyList<string> known, IReadOnlyList<string> applied, bool up)
    {
        if (target is null)
            return null;
        if (string.Equals(target, Migration.InitialDatabase, StringComparison.Ordinal))
        {
            return up
                ? throw new ArgumentException("\"0\" is the empty database; revert to it with DownAsync.", nameof(target))
                : target;
        }

        var matches = known
            .Where(id => string.Equals(id, target, StringComparison.Ordinal) || string.Equals(NameOf(id), target, StringComparison.Ordinal))
            .ToList();
        if (matches is not [var stop])
        {
            throw new ArgumentException(
                $"There {(matches.Count == 0 ? "is no" : "is more than one")} migration \"{target}\"; "
                + $"there are: {string.Join(", ", known)}.",
                nameof(target));
        }

        // Ids begin with a time stamp, so their order is the order of the migrations.
        if (up
            && applied.FirstOrDefault(id => string.CompareOrdinal(id, stop) > 0 && known.Contains(id, StringComparer.Ordinal)) is { } later)
        {
            throw new InvalidOperationException(
                $"The database is past {stop} already (it has {later}); revert with DownAsync if that is meant.");
        }

        if (!up && !applied.Contains(stop, StringComparer.Ordinal))
            throw new InvalidOperationException($"The database has not reached {stop}; apply it with UpAsync if that is meant.");
        return stop;
    }

    private static string NameOf(string id)
    {
        var underscore = id.IndexOf('_', StringComparison.Ordinal);
        return underscore < 0 ? id : id[(underscore + 1)..];
    }
}
