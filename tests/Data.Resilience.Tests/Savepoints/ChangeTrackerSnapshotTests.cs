using Data.Resilience.Savepoints;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Data.Resilience.Tests.Savepoints;

public sealed class ChangeTrackerSnapshotTests
{
    [Fact]
    public void Restore_DeletedParentWasTakenBackInside_ItsChildKeepsItsState()
    {
        using var context = new Family();
        var child = new Child { Id = 1, ParentId = 1 };
        context.Attach(child);
        var parent = new Parent { Id = 1 };
        context.Attach(parent);
        child.Name = "changed before";
        context.Entry(child).State.ShouldBe(EntityState.Modified);
        // The application spares the children; putting the parent's state back must not delete them after all.
        context.ChangeTracker.CascadeDeleteTiming = CascadeTiming.Never;
        context.Remove(parent);
        context.ChangeTracker.CascadeDeleteTiming = CascadeTiming.Immediate;
        var snapshot = ChangeTrackerSnapshot.Take(context);
        context.Entry(parent).State = EntityState.Unchanged;

        snapshot.Restore(context);

        context.Entry(parent).State.ShouldBe(EntityState.Deleted);
        context.Entry(child).State.ShouldBe(EntityState.Modified);
        child.ParentId.ShouldBe(1);
        context.ChangeTracker.CascadeDeleteTiming.ShouldBe(CascadeTiming.Immediate);
        context.ChangeTracker.DeleteOrphansTiming.ShouldBe(CascadeTiming.Immediate);
    }

    [Fact]
    public void Restore_ChildMovedToAParentAddedInside_ReturnsToItsOwn()
    {
        using var context = new Family();
        var child = new Child { Id = 1, ParentId = 1 };
        context.Attach(child);
        var parent = new Parent { Id = 1 };
        context.Attach(parent);
        var snapshot = ChangeTrackerSnapshot.Take(context);
        var other = new Parent { Id = 2 };
        context.Add(other);
        child.ParentId = 2;
        context.ChangeTracker.DetectChanges();

        snapshot.Restore(context);

        context.Entry(other).State.ShouldBe(EntityState.Detached);
        context.Entry(child).State.ShouldBe(EntityState.Unchanged);
        child.ParentId.ShouldBe(1);
    }

    private sealed class Parent
    {
        public int Id { get; set; }

        public List<Child> Children { get; } = [];
    }

    private sealed class Child
    {
        public int Id { get; set; }

        public int ParentId { get; set; }

        public string Name { get; set; } = "";
    }

    private sealed class Family : DbContext
    {
        protected override void OnConfiguring(DbContextOptionsBuilder options) => options.UseNpgsql("Host=unused");

        protected override void OnModelCreating(ModelBuilder model) => model.Entity<Parent>().HasMany(parent => parent.Children).WithOne()
            .HasForeignKey(child => child.ParentId).OnDelete(DeleteBehavior.Cascade);
    }
}
