namespace Data.Health.Contributors.Network;

/// <summary>The address of a TCP dependency.</summary>
public sealed class TcpHealthOptions : IContributorSettings
{
    /// <summary>Host name or address. Never shown. Default: none; required.</summary>
    public string Host { get; set; } = "";

    /// <summary>Port. Default: none; required. Range: 1–65535.</summary>
    public int Port { get; set; }

    IEnumerable<string> IContributorSettings.Errors() => Ranges.Required(nameof(Host), Host).Concat(Ranges.Port(Port));
}
