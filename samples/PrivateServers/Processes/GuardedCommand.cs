namespace PrivateServers.Processes;

/// <summary>What a guard starts and how it stops it.</summary>
internal sealed record GuardedCommand(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>Where the server runs; it tells our server from a stranger's with the same id.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Receives the server's output, appended.</summary>
    public required string LogFile { get; init; }

    public required Signal StopSignal { get; init; }

    /// <summary>How long the server may take to stop before it is killed.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(10);

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
