using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Repositories;

/// <summary>Sets creation and update times.</summary>
internal static class Timestamps
{
    /// <summary>The current time as PostgreSQL can hold it, so that the value in memory equals the one read back.</summary>
    public static DateTimeOffset Now(TimeProvider time)
    {
        var now = time.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    public static void Added(object entity, DateTimeOffset now)
    {
        if (entity is IHasCreationTime created)
            created.CreatedAt = now;
        if (entity is IHasUpdateTime updated)
            updated.UpdatedAt = now;
    }

    /// <summary>Stamps what is about to be saved.</summary>
    public static void Stamp(DbContext context, TimeProvider time)
    {
        var now = Now(time);
        foreach (var entry in context.ChangeTracker.Entries())
        {
            if (entry.State == EntityState.Added)
                Added(entry.Entity, now);
            else if (entry is { State: EntityState.Modified, Entity: IHasUpdateTime updated })
                updated.UpdatedAt = now;
        }
    }
}
