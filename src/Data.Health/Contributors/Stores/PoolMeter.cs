using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Data.Health.Contributors.Stores;

/// <summary>How full a connection pool is.</summary>
internal readonly record struct PoolUse(long Used, long Idle, long Max, long Pending)
{
    public double UsedPercent => Max <= 0 ? 0 : 100.0 * Used / Max;
}

/// <summary>
/// Reads pool numbers from the meter of Npgsql, so that this package needs no reference to it. The names follow the OpenTelemetry
/// conventions for database clients; those of Npgsql 8 and 9 are understood too.
/// </summary>
internal sealed class PoolMeter : IDisposable
{
    private readonly ConcurrentDictionary<(string Pool, string What), long> _values = new();
    private readonly MeterListener _listener = new();
    private readonly string? _poolName;

    public PoolMeter(string? poolName)
    {
        _poolName = poolName;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Npgsql" && MeasureOf(instrument.Name) is not null)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((i, value, tags, _) => Take(i, value, tags));
        _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Take(i, value, tags));
        _listener.Start();
    }

    /// <summary>The fullest pool, or null if the driver reports none.</summary>
    public PoolUse? Read()
    {
        lock (_listener)
            _listener.RecordObservableInstruments();
        PoolUse? fullest = null;
        foreach (var pool in _values.Keys.Select(k => k.Pool).Distinct(StringComparer.Ordinal))
        {
            var use = new PoolUse(Value(pool, "used"), Value(pool, "idle"), Value(pool, "max"), Value(pool, "pending"));
            if (fullest is not { } f || use.UsedPercent > f.UsedPercent)
                fullest = use;
        }

        return fullest;
    }

    public void Dispose() => _listener.Dispose();

    private static string? MeasureOf(string instrument) => instrument switch
    {
        "db.client.connection.count" or "db.client.connections.usage" => "",
        "db.client.connection.max" or "db.client.connections.max" => "max",
        "db.client.connection.npgsql.pending_requests" or "db.client.connections.pending_requests" => "pending",
        _ => null,
    };

    private long Value(string pool, string what) => _values.GetValueOrDefault((pool, what));

    private void Take(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var what = MeasureOf(instrument.Name);
        var pool = "";
        foreach (var tag in tags)
        {
            if (tag.Key.EndsWith("pool.name", StringComparison.Ordinal))
                pool = tag.Value?.ToString() ?? "";
            else if (what is "" && tag.Key.EndsWith("state", StringComparison.Ordinal))
                what = tag.Value?.ToString();
        }

        if (string.IsNullOrEmpty(what) || (_poolName is not null && !pool.Contains(_poolName, StringComparison.OrdinalIgnoreCase)))
            return;
        if (instrument.IsObservable)
            _values[(pool, what)] = value;
        else
            _values.AddOrUpdate((pool, what), static (_, v) => v, static (_, old, v) => old + v, value);
    }
}
