namespace Data.Health.Contributors.Stores;

/// <summary>The address of a Redis server, and what to check.</summary>
public sealed class RedisHealthOptions : IContributorSettings
{
    /// <summary>
    /// Connection string in the form of StackExchange.Redis (<c>cache:6379,password=…,ssl=true</c>), or a <c>redis://</c> or
    /// <c>rediss://</c> address. Replaces <see cref="Host"/>, <see cref="Port"/>, <see cref="User"/>, <see cref="Password"/> and
    /// <see cref="UseTls"/>; of several servers the first one is checked. Never shown. Default: <see langword="null"/>, none.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>Host name or address of the server. Never shown. Default: <c>127.0.0.1</c>.</summary>
    public string Host { get; set; } = "127.0.0.1";

    /// <summary>Port of the server. Default: 6379. Range: 1–65535.</summary>
    public int Port { get; set; } = 6379;

    /// <summary>User of the access control list. Default: <see langword="null"/>, the default user.</summary>
    public string? User { get; set; }

    /// <summary>Password; an empty one means none. Never shown. Default: <see langword="null"/>, none.</summary>
    public string? Password { get; set; }

    /// <summary>Whether to use TLS. Default: <see langword="false"/>.</summary>
    public bool UseTls { get; set; }

    /// <summary>
    /// Share of <c>maxmemory</c> in percent at which a server that must not evict is degraded. Default: 90. Range: above 0, at most 100.
    /// </summary>
    public double MemoryDegradedPercent { get; set; } = 90;

    /// <summary>Role that the server must have; with another role it is unhealthy. Default: <see cref="HealthServerRole.Any"/>.</summary>
    public HealthServerRole Role { get; set; }

    IEnumerable<string> IContributorSettings.Errors() => AddressErrors()
        .Concat(Ranges.Percent(nameof(MemoryDegradedPercent), MemoryDegradedPercent));

    private IEnumerable<string> AddressErrors()
    {
        if (ConnectionString is null)
        {
            return Ranges.Required(nameof(Host), Host).Concat(Ranges.Port(Port))
                .Concat(User is not null && string.IsNullOrEmpty(Password) ? ["User needs a Password."] : []);
        }

        // The text itself stays out of the message: it may hold a password.
        return RedisAddress.Parse(ConnectionString) is { } address
            ? Ranges.Port(address.Port)
            : ["ConnectionString is not valid; write for example cache.example:6379,password=…,ssl=true."];
    }
}
