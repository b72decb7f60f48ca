namespace Data.TestServers;

/// <summary>How a connection ends when a <see cref="FaultProxy"/> cuts it.</summary>
public enum CutKind
{
    /// <summary>Both sides see a reset (RST), as when a firewall or a crashed host drops the connection.</summary>
    Reset,

    /// <summary>Both sides see an orderly end (FIN), as when a load balancer drains.</summary>
    Close,
}
