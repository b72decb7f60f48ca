namespace Data.Health.Startup;

/// <summary>Whether the process accepts work: started and not stopping.</summary>
internal sealed class StartupPhase(IStartupGate gate, HostPhase host)
{
    public bool IsOpen => gate.IsFinished && !host.IsStopping;

    public bool IsStarted => gate.IsFinished;

    /// <summary>The reasons why it does not accept work, for callers that see details.</summary>
    public IReadOnlyList<string> Notes
    {
        get
        {
            if (host.IsStopping)
                return ["shutting_down"];
            return gate.IsFinished ? [] : [.. gate.Pending.Select(step => "starting: " + step)];
        }
    }
}
