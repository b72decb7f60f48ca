using System.Diagnostics;

namespace Data.Cache.Stampede;

/// <summary>The flight whose factory the calling code runs in, and the flights around that one.</summary>
/// <remarks>
/// A flight serves several callers, so it runs in a context of its own: what one of them holds in <see cref="AsyncLocal{T}"/> (an open
/// database session, a tenant, a culture, a scope) would decide what all of them get, and what is cached. Only the activity is kept, so
/// that traces stay whole.
/// </remarks>
internal sealed class FlightScope
{
    private static readonly AsyncLocal<FlightScope?> Ambient = new();
    private static readonly ExecutionContext Empty = CaptureEmpty();
    private readonly Flight _flight;
    private readonly FlightScope? _outer;

    private FlightScope(Flight flight, FlightScope? outer)
    {
        _flight = flight;
        _outer = outer;
    }

    /// <summary>Starts a flight outside of the caller's context.</summary>
    public static void Start(Flight flight, Action run)
    {
        var start = new FlightStart(new FlightScope(flight, Ambient.Value), Activity.Current, run);
        var synchronization = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            ExecutionContext.Run(Empty, static state => Enter((FlightStart)state!), start);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(synchronization);
        }
    }

    /// <summary>Whether the calling code runs inside the factory of a flight, so that waiting for that flight would never end.</summary>
    public static bool IsInside(Flight flight)
    {
        for (var scope = Ambient.Value; scope is not null; scope = scope._outer)
        {
            if (ReferenceEquals(scope._flight, flight))
                return true;
        }

        return false;
    }

    private static void Enter(FlightStart start)
    {
        Ambient.Value = start.Scope;
        if (start.Activity is not null)
            Activity.Current = start.Activity;
        start.Run();
    }

    // There is no public name for the context without values: a thread that inherits nothing has it.
    private static ExecutionContext CaptureEmpty()
    {
        ExecutionContext? empty = null;
        var thread = new Thread(() => empty = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return empty!;
    }

    private sealed record FlightStart(FlightScope Scope, Activity? Activity, Action Run);
}
