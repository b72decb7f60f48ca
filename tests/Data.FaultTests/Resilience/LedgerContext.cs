using Microsoft.EntityFrameworkCore;

namespace Data.FaultTests.Resilience;

/// <summary>Ten accounts and a ledger that holds one row per transfer that took effect.</summary>
internal sealed class LedgerContext(DbContextOptions<LedgerContext> options) : DbContext(options)
{
    public const string Schema =
        """
        CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL);
        CREATE TABLE ledger (number bigserial PRIMARY KEY, transfer bigint NOT NULL, source int NOT NULL, target int NOT NULL);
        CREATE INDEX ON ledger (transfer);
        INSERT INTO accounts SELECT n, 1000000 FROM generate_series(0, 9) n;
        """;

    public DbSet<LedgerEntry> Ledger => Set<LedgerEntry>();

    public DbSet<LedgerAccount> Accounts => Set<LedgerAccount>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<LedgerAccount>(account =>
        {
            account.ToTable("accounts");
            account.Property(row => row.Id).HasColumnName("id");
            account.Property(row => row.Balance).HasColumnName("balance");
        });
        modelBuilder.Entity<LedgerEntry>(entry =>
        {
            entry.ToTable("ledger");
            entry.HasKey(row => row.Number);
            entry.Property(row => row.Number).HasColumnName("number");
            entry.Property(row => row.Transfer).HasColumnName("transfer");
            entry.Property(row => row.Source).HasColumnName("source");
            entry.Property(row => row.Target).HasColumnName("target");
        });
    }
}

internal sealed class LedgerAccount
{
    public int Id { get; set; }

    public long Balance { get; set; }
}

internal sealed class LedgerEntry
{
    public long Number { get; set; }

    public long Transfer { get; set; }

    public int Source { get; set; }

    public int Target { get; set; }
}
