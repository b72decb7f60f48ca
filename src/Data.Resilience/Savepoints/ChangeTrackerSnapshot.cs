using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Data.Resilience.Savepoints;

/// <summary>What a change tracker knew at a savepoint. Costs time and memory in proportion to the entities tracked then.</summary>
internal sealed class ChangeTrackerSnapshot
{
    /// <summary>The snapshot of a context that did not exist yet.</summary>
    public static readonly ChangeTrackerSnapshot Empty = new([]);

    private readonly Dictionary<object, TrackedEntity> _entities;

    private ChangeTrackerSnapshot(Dictionary<object, TrackedEntity> entities) => _entities = entities;

    /// <summary>Notes every tracked entity, changes detected.</summary>
    public static ChangeTrackerSnapshot Take(DbContext context)
    {
        var entities = new Dictionary<object, TrackedEntity>(ReferenceEqualityComparer.Instance);
        foreach (var entry in context.ChangeTracker.Entries())
            entities.Add(entry.Entity, new TrackedEntity(entry));

        return entities.Count == 0 ? Empty : new ChangeTrackerSnapshot(entities);
    }

    /// <summary>Detaches what was first tracked since, gives the rest its earlier state and values.</summary>
    public void Restore(DbContext context)
    {
        var tracker = context.ChangeTracker;
        var (detects, cascades, orphans) = (tracker.AutoDetectChangesEnabled, tracker.CascadeDeleteTiming, tracker.DeleteOrphansTiming);
        tracker.AutoDetectChangesEnabled = false;
        tracker.CascadeDeleteTiming = CascadeTiming.Never;
        tracker.DeleteOrphansTiming = CascadeTiming.Never;
        try
        {
            foreach (var entry in tracker.Entries().Where(entry => !_entities.ContainsKey(entry.Entity)).ToArray())
                entry.State = EntityState.Detached;

            foreach (var tracked in _entities.Values)
                tracked.Restore(context.Entry(tracked.Entity));
        }
        finally
        {
            tracker.AutoDetectChangesEnabled = detects;
            tracker.CascadeDeleteTiming = cascades;
            tracker.DeleteOrphansTiming = orphans;
        }
    }
}
