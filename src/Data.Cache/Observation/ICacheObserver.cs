namespace Data.Cache;

/// <summary>Receives the events of a cache, one call for each.</summary>
/// <remarks>
/// Called on the thread that caused the event, concurrently, and before the call that caused it returns: it must be fast and must not
/// block. An exception is logged once and changes nothing. A cache without observers pays nothing.
/// </remarks>
/// <example>
/// <code>
/// public sealed class FailSafeAlerts(ILogger&lt;FailSafeAlerts&gt; logger) : ICacheObserver
/// {
///     public void OnEvent(in CacheEvent cacheEvent)
///     {
///         if (cacheEvent.Kind == CacheEventKind.FailSafeActivated)
///             logger.LogWarning("A stale value was served");
///     }
/// }
/// </code>
/// </example>
public interface ICacheObserver
{
    /// <summary>Handles an event.</summary>
    /// <param name="cacheEvent">What happened.</param>
    void OnEvent(in CacheEvent cacheEvent);
}
