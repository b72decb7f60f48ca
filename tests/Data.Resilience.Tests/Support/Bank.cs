using Microsoft.EntityFrameworkCore;

namespace Data.Resilience.Tests.Support;

/// <summary>Accounts with balances, and a ledger of transfers.</summary>
internal sealed class Bank(DbContextOptions<Bank> options) : DbContext(options)
{
    public DbSet<Account> Accounts => Set<Account>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.Entity<Account>(account =>
        {
            account.ToTable("accounts");
            account.Property(row => row.Id).HasColumnName("id");
            account.Property(row => row.Owner).HasColumnName("owner");
            account.HasIndex(row => row.Owner).IsUnique();
            account.Property(row => row.Balance).HasColumnName("balance");
        });
}

internal sealed class Account
{
    public int Id { get; set; }

    public string Owner { get; set; } = "";

    public long Balance { get; set; }
}
