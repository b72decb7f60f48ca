namespace Data.TestServers;

/// <summary>Which way bytes flow through a <see cref="FaultProxy"/>.</summary>
public enum Direction
{
    /// <summary>From the client to the server.</summary>
    ToServer,

    /// <summary>From the server to the client.</summary>
    ToClient,
}
