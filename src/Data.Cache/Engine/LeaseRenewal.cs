using Data.Cache.Redis;

namespace Data.Cache.Engine;

/// <summary>Keeps a lease alive while its factory runs.</summary>
internal sealed class LeaseRenewal : IDisposable
{
    private readonly RedisStore _store;
    private readonly string _name;
    private readonly long _stamp;
    private readonly ITimer _timer;

    public LeaseRenewal(RedisStore store, string name, long stamp, TimeSpan interval, TimeProvider time)
    {
        _store = store;
        _name = name;
        _stamp = stamp;
        _timer = time.CreateTimer(static state => ((LeaseRenewal)state!).Renew(), this, interval, interval);
    }

    public void Dispose() => _timer.Dispose();

    private void Renew() => _ = _store.RenewAsync(_name, _stamp, CancellationToken.None).AsTask();
}
