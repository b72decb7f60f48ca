namespace PrivateServers;

/// <summary>What every private server needs to know.</summary>
public abstract class PrivateServerOptions
{
    /// <summary>
    /// The folder that holds the server's data, settings, secrets and log. Made with mode 0700 where it is missing. Required.
    /// </summary>
    public required string Folder { get; init; }

    /// <summary>The TCP port on 127.0.0.1; 0, the default, takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>How long the server may take until it serves; 60 seconds by default.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Folder);
        ArgumentOutOfRangeException.ThrowIfNegative(Port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, 65_535);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StartTimeout, TimeSpan.Zero);
    }
}
