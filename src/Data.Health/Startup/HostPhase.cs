using Microsoft.Extensions.Hosting;

namespace Data.Health.Startup;

/// <summary>
/// Where the process is in its life: finishes the step of the host itself once every hosted service has started, and knows from the
/// first moment of a shutdown that no new work should come.
/// </summary>
internal sealed class HostPhase : IDisposable
{
    /// <summary>The step that every application has.</summary>
    public const string HostStep = "host";

    private readonly IHostApplicationLifetime _lifetime;
    private readonly CancellationTokenRegistration _started;

    public HostPhase(IHostApplicationLifetime lifetime, IStartupGate gate)
    {
        _lifetime = lifetime;
        _started = lifetime.ApplicationStarted.Register(() => gate.Complete(HostStep));
    }

    /// <summary>Whether a shutdown has begun. Read from the token, which is set before the first of its callbacks runs.</summary>
    public bool IsStopping => _lifetime.ApplicationStopping.IsCancellationRequested;

    public void Dispose() => _started.Dispose();
}
