namespace Data.Health.Contributors.Stores;

/// <summary>The connection that a check uses.</summary>
public enum HealthConnection
{
    /// <summary>
    /// One connection that is opened once and kept, so that a probe opens no connection and an exhausted pool does not look like a server
    /// that is down. It occupies one place of the pool permanently.
    /// </summary>
    Dedicated,

    /// <summary>One connection of the pool for the duration of each run. The run waits when the pool is exhausted.</summary>
    Pooled,
}

/// <summary>The role that the application requires of a server.</summary>
public enum HealthServerRole
{
    /// <summary>Any role.</summary>
    Any,

    /// <summary>A server that accepts writes.</summary>
    Primary,

    /// <summary>A server that replicates another.</summary>
    Replica,
}

/// <summary>What to check of a PostgreSQL server.</summary>
public sealed class PostgreSqlHealthOptions : IContributorSettings
{
    /// <summary>Connection that the check uses. Default: <see cref="HealthConnection.Dedicated"/>.</summary>
    public HealthConnection Connection { get; set; }

    /// <summary>
    /// Whether role and replication lag are read along with <c>SELECT 1</c>, in the same round trip. Default: <see langword="true"/>.
    /// </summary>
    public bool CheckReplication { get; set; } = true;

    /// <summary>Role that the server must have; with another role it is unhealthy. Default: <see cref="HealthServerRole.Any"/>.</summary>
    public HealthServerRole Role { get; set; }

    /// <summary>Replication lag at which it is degraded. Default: 30 s. Range: 1 ms–1 day.</summary>
    public TimeSpan MaxReplicationLag { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Used share of the fullest connection pool, in percent, at which it is degraded. Default: 90. Range: above 0, at most 100.
    /// </summary>
    public double PoolDegradedPercent { get; set; } = 90;

    /// <summary>
    /// Part of the pool's name as the driver's meter reports it; only pools whose names contain it are watched. Default: none, which
    /// watches all pools.
    /// </summary>
    public string? PoolName { get; set; }

    IEnumerable<string> IContributorSettings.Errors() =>
        Ranges.Span(nameof(MaxReplicationLag), MaxReplicationLag, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1))
            .Concat(Ranges.Percent(nameof(PoolDegradedPercent), PoolDegradedPercent))
            .Concat(CheckReplication || Role == HealthServerRole.Any ? [] : ["Role needs CheckReplication."]);
}
