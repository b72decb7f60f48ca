using Microsoft.Extensions.Hosting;

namespace Data.Health.Startup;

/// <summary>
/// The phase of the host: completes the host's own start-up step once every hosted service has started, and reports a shutdown from its
/// start.
/// </summary>
internal sealed class HostPhase : IDisposable
{
    /// <summary>The start-up step that every application has.</summary>
    public const string HostStep = "host";

    private readonly IHostApplicationLifetime _lifetime;
    private readonly CancellationTokenRegistration _started;
    private volatile bool _stopping;

    public HostPhase(IHostApplicationLifetime lifetime, IStartupGate gate)
    {
        _lifetime = lifetime;
        _started = lifetime.ApplicationStarted.Register(() => gate.Complete(HostStep));
    }

    /// <summary>Whether a shutdown has begun. Read from the token, which is cancelled before its first callback runs.</summary>
    public bool IsStopping => _stopping || _lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Notes the start of a shutdown that the host has not announced yet.</summary>
    public void BeginStopping() => _stopping = true;

    public void Dispose() => _started.Dispose();
}
