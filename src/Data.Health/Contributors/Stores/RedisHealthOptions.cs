namespace Data.Health.Contributors.Stores;

/// <summary>Where a Redis server is and what is checked of it.</summary>
public sealed class RedisHealthOptions : IContributorSettings
{
    /// <summary>Name or address of the server. Default <c>127.0.0.1</c>. Never shown.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>Its port. Default 6379; 1 to 65535.</summary>
    public int Port { get; set; } = 6379;

    /// <summary>User of the access control list. Default <see langword="null"/>, the default user.</summary>
    public string? User { get; set; }

    /// <summary>Password. Default <see langword="null"/>, none, as is an empty one. Never shown.</summary>
    public string? Password { get; set; }

    /// <summary>Whether to speak TLS. Default <see langword="false"/>.</summary>
    public bool UseTls { get; set; }

    /// <summary>Share of <c>maxmemory</c> from which it is degraded if it may not evict. Default 90; above 0, at most 100.</summary>
    public double MemoryDegradedPercent { get; set; } = 90;

    /// <summary>The role it must have, otherwise it is unhealthy. Default <see cref="HealthServerRole.Any"/>.</summary>
    public HealthServerRole Role { get; set; }

    IEnumerable<string> IContributorSettings.Errors() => Ranges.Required(nameof(Host), Host)
        .Concat(Ranges.Port(Port))
        .Concat(Ranges.Percent(nameof(MemoryDegradedPercent), MemoryDegradedPercent))
        .Concat(User is not null && string.IsNullOrEmpty(Password) ? ["User needs a Password."] : []);
}
