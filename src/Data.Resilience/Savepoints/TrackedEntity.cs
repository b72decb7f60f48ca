using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Data.Resilience.Savepoints;

/// <summary>One entity as the change tracker knew it.</summary>
internal sealed class TrackedEntity
{
    private readonly EntityState _state;
    private readonly PropertyValues _current;
    private readonly PropertyValues _original;
    private readonly string[] _modified;
    private readonly string[] _temporary;

    public TrackedEntity(EntityEntry entry)
    {
        Entity = entry.Entity;
        _state = entry.State;
        _current = entry.CurrentValues.Clone();
        _original = entry.OriginalValues.Clone();
        _modified = [.. entry.Properties.Where(static property => property.IsModified).Select(static property => property.Metadata.Name)];
        _temporary = [.. entry.Properties.Where(static property => property.IsTemporary).Select(static property => property.Metadata.Name)];
    }

    public object Entity { get; }

    /// <summary>
    /// Puts values and state back. Keys can only change while an entity counts as added, so that is what it counts as meanwhile.
    /// </summary>
    public void Restore(EntityEntry entry)
    {
        if (entry.State == EntityState.Detached || _state == EntityState.Added)
            entry.State = _state == EntityState.Added ? EntityState.Added : EntityState.Unchanged;

        entry.CurrentValues.SetValues(_current);
        entry.OriginalValues.SetValues(_original);
        if (entry.State != _state)
            entry.State = _state == EntityState.Modified ? EntityState.Unchanged : _state;

        foreach (var property in entry.Properties)
        {
            if (_temporary.Contains(property.Metadata.Name, StringComparer.Ordinal))
                property.IsTemporary = true;
            if (_state is EntityState.Modified or EntityState.Unchanged && !property.Metadata.IsPrimaryKey())
                property.IsModified = _modified.Contains(property.Metadata.Name, StringComparer.Ordinal);
        }
    }
}
