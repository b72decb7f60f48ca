namespace PrivateServers;

/// <summary>Settings that every private server has.</summary>
public abstract class PrivateServerOptions
{
    /// <summary>
    /// Folder of the server's data, settings, secrets and log; created with mode 0700 if it is missing. Default: none; required.
    /// </summary>
    public required string Folder { get; init; }

    /// <summary>TCP port on 127.0.0.1; 0 takes a free one. Default: 0. Range: 0–65535.</summary>
    public int Port { get; init; }

    /// <summary>Longest time until the server accepts requests. Default: 60 s. Range: above 0.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(60);

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Folder);
        ArgumentOutOfRangeException.ThrowIfNegative(Port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Port, 65_535);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StartTimeout, TimeSpan.Zero);
    }
}
