using System.Diagnostics;

namespace Data.Cache.Telemetry;

/// <summary>The activity source <c>Data.Cache</c>. Traces contain no keys: they may hold personal data.</summary>
internal static class CacheTraces
{
    private static readonly ActivitySource Source = new(CacheMeter.Name);

    /// <summary>Whether anyone wants traces.</summary>
    public static bool IsListenedTo => Source.HasListeners();

    public static Activity? Factory() => Source.StartActivity("data.cache.factory");

    /// <summary>A call to Redis; null operations, such as heartbeats, are not traced.</summary>
    public static Activity? Remote(string? operation)
    {
        if (operation is null || !Source.HasListeners())
            return null;
        var activity = Source.StartActivity(operation, ActivityKind.Client);
        activity?.SetTag("db.system.name", "redis").SetTag("db.operation.name", operation);
        return activity;
    }

    /// <summary>Marks an activity as failed. The type alone: messages of the client name hosts and ports.</summary>
    public static void Failed(Activity? activity, Exception? exception)
    {
        if (activity is null || exception is null)
            return;
        activity.SetStatus(ActivityStatusCode.Error);
        activity.SetTag("error.type", exception.GetType().FullName);
    }
}
