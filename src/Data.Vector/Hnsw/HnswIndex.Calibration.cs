using Data.Vector.Distance;
using Data.Vector.Indexing;
using Data.Vector.Internal;
using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

internal sealed unsafe partial class HnswIndex
{
    // Codes are chosen once there is enough to choose by, then anew each time the collection has grown eightfold.
    private const int FirstCalibration = 256, CalibrationGrowth = 8, SampleSize = 4096;

    // Drift: this many times the clipping that calibration accepted, and at least this share of all coordinates.
    private const double DriftFactor = 4, LeastDrift = 0.01;

    private int _nextCalibration = FirstCalibration;
    private long _clipped;
    private long _encoded;

    protected override void AfterAdd()
    {
        MoveSweep();
        if (_parameters.Quantization != QuantizationMode.Codes || !IsCalibrationDue())
            return;
        Writers.EnterWriteLock();
        try
        {
            if (IsCalibrationDue())
                Calibrate();
        }
        finally
        {
            Writers.ExitWriteLock();
        }
    }

    private bool IsCalibrationDue()
    {
        if (Count >= Volatile.Read(ref _nextCalibration))
            return true;
        if (Columns.Payload is not CodeBook book)
            return false;
        var encoded = Volatile.Read(ref _encoded);
        return encoded >= Math.Max(FirstCalibration, Count / CalibrationGrowth)
            && Volatile.Read(ref _clipped) > (double)encoded * Dimension * Math.Max(LeastDrift, DriftFactor * book.ClippedShare);
    }

    private void Encode(in GraphView graph, CodeBook book, int slot)
    {
        var clipped = book.Encode(graph.Floats + ((nint)slot * Dimension), NormFactor(graph, slot), graph.Codes + ((nint)slot * CodeBytes));
        Interlocked.Increment(ref _encoded);
        if (clipped > 0)
            Interlocked.Add(ref _clipped, clipped);
    }

    /// <summary>
    /// Chooses codes by a sample, encodes everything with them and puts them in place; searches under way finish on the old ones.
    /// </summary>
    private void Calibrate()
    {
        var columns = Columns;
        var graph = View();
        _nextCalibration = (int)Math.Min((long)Count * CalibrationGrowth, int.MaxValue);
        _clipped = _encoded = 0;
        var sample = Sample(graph);
        var book = Calibration.Choose(Metric, Dimension, sample);
        if (Fidelity.Measure(book, Dimension, sample) < Fidelity.Enough)
        {
            // Too coarse for this data, such as lengths that differ by magnitudes: walk by floats until the next calibration.
            Replace(columns.With(_layout.CodeColumn, columns.Region(_layout.CodeColumn), payload: null));
            return;
        }

        var codes = new NativeRegion((long)columns.Capacity * CodeBytes);
        codes.Commit((long)graph.Limit * CodeBytes);
        var target = codes.Base;
        var floats = graph.Floats;
        var norms = graph.InverseNorms;
        Parallel.For(0, (graph.Limit + 1023) / 1024, block =>
        {
            for (var slot = block * 1024; slot < Math.Min(graph.Limit, (block + 1) * 1024); slot++)
            {
                var factor = Metric == DistanceMetric.Cosine ? norms[slot] : 1f;
                book.Encode(floats + ((nint)slot * Dimension), factor, target + ((nint)slot * CodeBytes));
            }
        });

        var old = columns.Region(_layout.CodeColumn);
        Replace(columns.With(_layout.CodeColumn, codes, book));
        Epochs.Retire(old.Dispose);
    }

    private float[] Sample(in GraphView graph)
    {
        var rows = new List<int>(SampleSize);
        var step = Math.Max(1, graph.Limit / SampleSize);
        for (var slot = 0; slot < graph.Limit; slot += step)
        {
            if (graph.States[slot] == SlotState.Live)
                rows.Add(slot);
        }

        var sample = new float[rows.Count * Dimension];
        for (var i = 0; i < rows.Count; i++)
        {
            var factor = NormFactor(graph, rows[i]);
            for (var d = 0; d < Dimension; d++)
                sample[(i * Dimension) + d] = graph.Floats[((nint)rows[i] * Dimension) + d] * factor;
        }

        return sample;
    }

    private float NormFactor(in GraphView graph, int slot) => Metric == DistanceMetric.Cosine ? graph.InverseNorms[slot] : 1f;
}
