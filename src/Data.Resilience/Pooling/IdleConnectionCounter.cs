using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Data.Resilience.Pooling;

/// <summary>Reads the number of idle connections from Npgsql's own meter, which alone knows it.</summary>
internal sealed class IdleConnectionCounter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, int> _idle = new(StringComparer.Ordinal);

    public IdleConnectionCounter()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (string.Equals(instrument.Meter.Name, "Npgsql", StringComparison.Ordinal)
                && string.Equals(instrument.Name, "db.client.connection.count", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, value, tags, _) =>
        {
            string? pool = null;
            var idle = false;
            foreach (var (key, tag) in tags)
            {
                if (string.Equals(key, "db.client.connection.pool.name", StringComparison.Ordinal))
                    pool = tag as string;
                else if (string.Equals(key, "db.client.connection.state", StringComparison.Ordinal))
                    idle = tag is "idle";
            }

            if (idle && pool is not null)
                _idle[pool] = value;
        });
        _listener.Start();
    }

    public int Read(string pool)
    {
        _listener.RecordObservableInstruments();
        return _idle.GetValueOrDefault(pool);
    }

    public void Dispose() => _listener.Dispose();
}
