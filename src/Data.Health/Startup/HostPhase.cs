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

    private readonly CancellationTokenRegistration _started;
    private readonly CancellationTokenRegistration _stopping;
    private volatile bool _isStopping;

    public HostPhase(IHostApplicationLifetime lifetime, IStartupGate gate)
    {
        _started = lifetime.ApplicationStarted.Register(() => gate.Complete(HostStep));
        _stopping = lifetime.ApplicationStopping.Register(() => _isStopping = true);
    }

    public bool IsStopping => _isStopping;

    public void Dispose()
    {
        _started.Dispose();
        _stopping.Dispose();
    }
}
