namespace Data.Health.Startup;

/// <summary>Whether the process accepts work: started, not stopping, and not refusing by the application's own word.</summary>
internal sealed class StartupPhase(IStartupGate gate, ProcessControl control)
{
    public bool IsOpen => gate.IsFinished && !control.IsRefusingTraffic;

    public bool IsStarted => gate.IsFinished;

    /// <summary>The reasons why it does not accept work, for callers that see details.</summary>
    public IReadOnlyList<string> Notes =>
        gate.IsFinished ? control.Notes : [.. control.Notes, .. gate.Pending.Select(step => "starting: " + step)];
}
