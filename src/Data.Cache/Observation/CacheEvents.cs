using Microsoft.Extensions.Logging;

namespace Data.Cache.Observation;

/// <summary>Tells the observers of a cache what happens. There is none where nobody listens.</summary>
internal sealed partial class CacheEvents
{
    private readonly string _cache;
    private readonly Listener[] _listeners;
    private readonly ILogger _logger;

    private CacheEvents(string cache, Listener[] listeners, ILogger logger)
    {
        _cache = cache;
        _listeners = listeners;
        _logger = logger;
    }

    public static CacheEvents? Create(string cache, IEnumerable<ICacheObserver> observers, ILogger logger)
    {
        Listener[] listeners = [.. observers.Select(static observer => new Listener(observer))];
        return listeners.Length == 0 ? null : new CacheEvents(cache, listeners, logger);
    }

    /// <summary>Raises an event about a key or tag, given by its full name.</summary>
    public void Raise(CacheEventKind kind, string fullName, Exception? error = null)
    {
        var end = fullName.StartsWith(ScopeMark) ? fullName.IndexOf(ScopeMark, 1) : -1;
        if (end < 0)
            Raise(kind, string.Empty, fullName, error);
        else
            Raise(kind, fullName[1..end], fullName[(end + 1)..], error);
    }

    /// <summary>Raises an event.</summary>
    public void Raise(CacheEventKind kind, string scope, string? name, Exception? error = null)
    {
        var cacheEvent = new CacheEvent(kind, _cache, scope, name, error);
        foreach (var listener in _listeners)
        {
            try
            {
                listener.Observer.OnEvent(cacheEvent);
            }
            catch (Exception exception)
            {
                if (Interlocked.Exchange(ref listener.HasFailed, 1) == 0)
                    LogObserverFailed(_logger, exception, listener.Observer.GetType());
            }
        }
    }

    // The same as that of the names in Redis.
    private const char ScopeMark = '\u0001';

    [LoggerMessage(2030, LogLevel.Error, "The observer {Type} threw an exception; further ones are not logged")]
    private static partial void LogObserverFailed(ILogger logger, Exception exception, Type type);

    private sealed class Listener(ICacheObserver observer)
    {
        public int HasFailed;

        public ICacheObserver Observer => observer;
    }
}
