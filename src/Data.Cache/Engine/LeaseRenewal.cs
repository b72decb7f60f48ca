namespace Data.Cache.Engine;

/// <summary>Keeps a lease alive while its factory runs.</summary>
internal sealed class LeaseRenewal : IDisposable
{
    private readonly CacheCore _core;
    private readonly string _name;
    private readonly ITimer _timer;

    public LeaseRenewal(CacheCore core, string name)
    {
        _core = core;
        _name = name;
        var third = core.Options.LeaseDuration / 3;
        _timer = TimeProvider.System.CreateTimer(static state => ((LeaseRenewal)state!).Renew(), this, third, third);
    }

    public void Dispose() => _timer.Dispose();

    private void Renew() => _ = _core.Store!.RenewAsync(_name, CancellationToken.None).AsTask();
}
