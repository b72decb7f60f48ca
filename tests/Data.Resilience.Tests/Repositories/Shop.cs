using Data.Resilience.Repositories;
using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Tests.Repositories;

public enum Grade
{
    Low,
    Middle,
    High,
}

public sealed class Price
{
    public decimal Amount { get; set; }

    public string Currency { get; set; } = "EUR";
}

public sealed class Product : IHasCreationTime, IHasUpdateTime
{
    public long Id { get; set; }

    public string Code { get; set; } = "";

    public string? Note { get; set; }

    public int? Rank { get; set; }

    public Grade Grade { get; set; }

    public Grade? Second { get; set; }

    public Price Price { get; set; } = new();

    public string[] Labels { get; set; } = [];

    public int Stock { get; set; } = 7;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    public uint Version { get; set; }

    public List<Review> Reviews { get; } = [];
}

public sealed class Review
{
    public Guid Id { get; set; }

    public long ProductId { get; set; }

    public Product? Product { get; set; }

    public int Stars { get; set; }
}

public sealed class Slot
{
    public int Room { get; set; }

    public string Day { get; set; } = "";

    public string? Guest { get; set; }
}

public sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Product>(e =>
        {
            e.ToTable("products", t => t.HasCheckConstraint("ck_stock", "\"Stock\" >= 0"));
            e.HasIndex(p => p.Code).IsUnique().HasDatabaseName("ux_code");
            e.HasIndex(p => new { p.CreatedAt, p.Id });
            e.Property(p => p.Grade).HasConversion<string>();
            e.Property(p => p.Second).HasConversion<string>();
            e.Property(p => p.Stock).HasDefaultValue(5).HasSentinel(7);
            e.Property(p => p.Version).IsRowVersion();
            e.ComplexProperty(p => p.Price);
        });
        modelBuilder.Entity<Review>(e =>
        {
            e.ToTable("reviews");
            e.HasOne(r => r.Product).WithMany(p => p.Reviews).HasForeignKey(r => r.ProductId).HasConstraintName("fk_review_product");
        });
        modelBuilder.Entity<Slot>(e =>
        {
            e.ToTable("slots");
            e.HasKey(s => new { s.Room, s.Day });
        });
    }
}
