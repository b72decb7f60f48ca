using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Data.Vector.Tests.Telemetry;

/// <summary>
/// What the package's meter and activity source say while a test runs. Other tests run beside it: tests tell theirs by the collection's
/// name.
/// </summary>
internal sealed class Measurements : IDisposable
{
    /// <summary>Tests that listen, and those that count what is allocated while nobody listens, take turns.</summary>
    public const string Alone = "telemetry";

    private readonly MeterListener _meters = new();
    private readonly ActivityListener _activities;

    public Measurements()
    {
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Data.Vector")
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) => Taken.Enqueue((instrument.Name, instrument.Unit, value, tags.ToArray())));
        _meters.SetMeasurementEventCallback<double>(
            (instrument, value, tags, _) => Taken.Enqueue((instrument.Name, instrument.Unit, value, tags.ToArray())));
        _meters.Start();
        _activities = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Data.Vector",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = Spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_activities);
    }

    public ConcurrentQueue<(string Name, string? Unit, double Value, KeyValuePair<string, object?>[] Tags)> Taken { get; } = new();

    public ConcurrentQueue<Activity> Spans { get; } = new();

    /// <summary>Asks what is observed rather than counted.</summary>
    public void Observe() => _meters.RecordObservableInstruments();

    public double Sum(string name, params (string Key, object Value)[] tags) => Of(name, tags).Sum(taken => taken.Value);

    public int Count(string name, params (string Key, object Value)[] tags) => Of(name, tags).Count();

    public void Dispose()
    {
        _meters.Dispose();
        _activities.Dispose();
    }

    private IEnumerable<(string Name, string? Unit, double Value, KeyValuePair<string, object?>[] Tags)> Of(
        string name,
        (string Key, object Value)[] tags) =>
        Taken.Where(taken => taken.Name == name
            && tags.All(tag => taken.Tags.Any(given => given.Key == tag.Key && Equals(given.Value, tag.Value))));
}
