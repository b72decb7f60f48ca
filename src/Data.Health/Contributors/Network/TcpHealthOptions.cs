namespace Data.Health.Contributors.Network;

/// <summary>Where a TCP dependency listens.</summary>
public sealed class TcpHealthOptions : IContributorSettings
{
    /// <summary>Name or address. Default none; required. Never shown.</summary>
    public string Host { get; set; } = "";

    /// <summary>Port. Default none; required; 1 to 65535.</summary>
    public int Port { get; set; }

    IEnumerable<string> IContributorSettings.Errors() => Ranges.Required(nameof(Host), Host).Concat(Ranges.Port(Port));
}
