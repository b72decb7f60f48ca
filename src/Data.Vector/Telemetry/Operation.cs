using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Data.Vector.Telemetry;

/// <summary>A call in progress: a span while there is a trace listener, and a duration when it ends.</summary>
/// <remarks>Errors carry the type of the exception only: messages can name folders and servers.</remarks>
[StructLayout(LayoutKind.Auto)]
internal readonly struct Operation
{
    private readonly TimeProvider _time;
    private readonly string _system;
    private readonly string _collection;
    private readonly string _name;
    private readonly long _started;
    private readonly Activity? _activity;

    private Operation(TimeProvider time, string system, string collection, string name, int? batch)
    {
        _time = time;
        _system = system;
        _collection = collection;
        _name = name;
        _started = time.GetTimestamp();
        _activity = VectorTelemetry.Activities.HasListeners() ? StartActivity(batch) : null;
    }

    public static Operation Start(TimeProvider time, string system, string collection, string name, int? batch = null) =>
        new(time, system, collection, name, batch);

    /// <summary>Ends the call.</summary>
    /// <param name="written">Records written or deleted.</param>
    /// <param name="returned">Records returned; null for calls that return none.</param>
    public void Succeeded(long written = 0, long? returned = null)
    {
        _activity?.SetTag(VectorTelemetry.ReturnedTag, returned);
        _activity?.Dispose();
        var tags = Tags();
        VectorTelemetry.Changed(written, tags);
        VectorTelemetry.Duration.Record(_time.GetElapsedTime(_started).TotalSeconds, tags);
    }

    /// <summary>Ends the call that threw.</summary>
    public void Failed(Exception exception)
    {
        var type = exception.GetType().Name;
        _activity?.SetTag(VectorTelemetry.ErrorTag, type);
        _activity?.SetStatus(ActivityStatusCode.Error);
        _activity?.Dispose();
        var tags = Tags();
        tags.Add(VectorTelemetry.ErrorTag, type);
        VectorTelemetry.Duration.Record(_time.GetElapsedTime(_started).TotalSeconds, tags);
    }

    private TagList Tags()
    {
        var tags = default(TagList);
        tags.Add(VectorTelemetry.SystemTag, _system);
        tags.Add(VectorTelemetry.CollectionTag, _collection);
        tags.Add(VectorTelemetry.OperationTag, _name);
        return tags;
    }

    private Activity? StartActivity(int? batch)
    {
        var activity = VectorTelemetry.Activities
            .StartActivity($"{_name} {_collection}", _system == VectorTelemetry.InProcess ? ActivityKind.Internal : ActivityKind.Client);
        activity?.SetTag(VectorTelemetry.SystemTag, _system).SetTag(VectorTelemetry.CollectionTag, _collection)
            .SetTag(VectorTelemetry.OperationTag, _name);
        if (batch > 1)
            activity?.SetTag(VectorTelemetry.BatchTag, batch);

        return activity;
    }
}
