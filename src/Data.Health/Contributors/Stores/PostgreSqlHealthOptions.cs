namespace Data.Health.Contributors.Stores;

/// <summary>Which connection a check uses.</summary>
public enum HealthConnection
{
    /// <summary>
    /// One connection that is opened once and kept, so that a probe costs no connection and an exhausted pool does not look like a dead
    /// server. It holds one place of the pool for good.
    /// </summary>
    Dedicated,

    /// <summary>One from the pool for the time of each run. It waits like everyone else when the pool is exhausted.</summary>
    Pooled,
}

/// <summary>The role that the application needs of a server.</summary>
public enum HealthServerRole
{
    /// <summary>Any.</summary>
    Any,

    /// <summary>One that takes writes.</summary>
    Primary,

    /// <summary>One that follows another.</summary>
    Replica,
}

/// <summary>What is checked of a PostgreSQL server.</summary>
public sealed class PostgreSqlHealthOptions : IContributorSettings
{
    /// <summary>Which connection the check uses. Default <see cref="HealthConnection.Dedicated"/>.</summary>
    public HealthConnection Connection { get; set; }

    /// <summary>
    /// Whether role and replication lag are read along with <c>SELECT 1</c>, in the same round trip. Default <see langword="true"/>.
    /// </summary>
    public bool CheckReplication { get; set; } = true;

    /// <summary>The role it must have, otherwise it is unhealthy. Default <see cref="HealthServerRole.Any"/>.</summary>
    public HealthServerRole Role { get; set; }

    /// <summary>Replication lag from which it is degraded. Default 30 s; 1 ms to 1 day.</summary>
    public TimeSpan MaxReplicationLag { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Used share of the fullest connection pool from which it is degraded. Default 90; above 0, at most 100.</summary>
    public double PoolDegradedPercent { get; set; } = 90;

    /// <summary>
    /// Part of the pool's name as the driver's meter reports it; only pools that contain it are watched. Default none, which watches all.
    /// </summary>
    public string? PoolName { get; set; }

    IEnumerable<string> IContributorSettings.Errors() =>
        Ranges.Span(nameof(MaxReplicationLag), MaxReplicationLag, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1))
            .Concat(Ranges.Percent(nameof(PoolDegradedPercent), PoolDegradedPercent))
            .Concat(CheckReplication || Role == HealthServerRole.Any ? [] : ["Role needs CheckReplication."]);
}
