using Data.Vector.Indexing;
using Data.Vector.Internal;
using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

/// <summary>Chooses the codes of a graph as it grows and as its data drift, and encodes vectors with them.</summary>
/// <remarks>"Codes" in design.md explains when calibration runs and what it replaces.</remarks>
internal sealed unsafe class CodeCalibrator(HnswGraph graph)
{
    // The first calibration waits for enough vectors to choose by; the next ones follow each time the collection has grown by the factor.
    private const int FirstCalibration = 256, CalibrationGrowth = 8, SampleSize = 4096, EncodeBlock = 1024;

    // Drift: this many times the clipping that calibration accepted, and at least this share of all coordinates.
    private const double DriftFactor = 4, MinDrift = 0.01;

    private readonly SlotTable _table = graph.Table;
    private int _next = FirstCalibration;
    private long _clipped;
    private long _encoded;

    /// <summary>The count of vectors at which the next calibration runs.</summary>
    public int Next => _next;

    /// <summary>Encodes a stored vector and counts the coordinates that were clipped.</summary>
    public void Encode(in GraphView view, CodeBook book, int slot)
    {
        var row = view.Floats + ((nint)slot * _table.Dimension);
        var clipped = book.Encode(row, graph.NormFactor(view, slot), view.Codes + ((nint)slot * graph.CodeBytes));
        Interlocked.Increment(ref _encoded);
        if (clipped > 0)
            Interlocked.Add(ref _clipped, clipped);
    }

    /// <summary>Calibrates when the collection has grown or drifted enough. Call outside the writers' lock.</summary>
    public void CalibrateIfDue()
    {
        if (graph.Parameters.Quantization != QuantizationMode.Codes || !IsDue())
            return;
        _table.Writers.EnterWriteLock();
        try
        {
            if (IsDue())
                Calibrate();
        }
        finally
        {
            _table.Writers.ExitWriteLock();
        }
    }

    /// <summary>Sets the state of a new graph whose codes a snapshot has filled.</summary>
    public void Restore(int next) => _next = next;

    private bool IsDue()
    {
        var count = _table.Count;
        if (count >= Volatile.Read(ref _next))
            return true;
        if (_table.Columns.Payload is not CodeBook book)
            return false;
        var encoded = Volatile.Read(ref _encoded);
        return count > 0 && encoded >= Math.Max(FirstCalibration, count / CalibrationGrowth)
            && Volatile.Read(ref _clipped) > (double)encoded * _table.Dimension * Math.Max(MinDrift, DriftFactor * book.ClippedShare);
    }

    /// <summary>
    /// Chooses codes by a sample, encodes all vectors with them and publishes both together; searches under way finish on the old ones.
    /// </summary>
    private void Calibrate()
    {
        var columns = _table.Columns;
        var view = graph.View();
        _next = (int)Math.Min((long)_table.Count * CalibrationGrowth, int.MaxValue);
        _clipped = _encoded = 0;
        var sample = Sample(view);
        var book = Calibration.Choose(_table.Metric, _table.Dimension, sample);
        var old = columns.Region(GraphLayout.CodeColumn);
        if (CodeRecall.Measure(book, _table.Dimension, sample) < CodeRecall.Required)
        {
            // Too coarse for this data, such as lengths that differ by orders of magnitude: walk by floats until the next calibration.
            _table.Replace(columns.With(GraphLayout.CodeColumn, old, payload: null));
            return;
        }

        var codes = new NativeRegion((long)columns.Capacity * graph.CodeBytes);
        codes.Commit((long)view.Limit * graph.CodeBytes);
        EncodeAll(view, book, codes.Base);
        _table.Replace(columns.With(GraphLayout.CodeColumn, codes, book));
        _table.Epochs.Retire(old.Dispose);
    }

    private void EncodeAll(in GraphView view, CodeBook book, byte* target)
    {
        var whole = view;
        Parallel.For(0, (view.Limit + EncodeBlock - 1) / EncodeBlock, block =>
        {
            for (var slot = block * EncodeBlock; slot < Math.Min(whole.Limit, (block + 1) * EncodeBlock); slot++)
            {
                var row = whole.Floats + ((nint)slot * _table.Dimension);
                book.Encode(row, graph.NormFactor(whole, slot), target + ((nint)slot * graph.CodeBytes));
            }
        });
    }

    private float[] Sample(in GraphView view)
    {
        var rows = new List<int>(SampleSize);
        var step = Math.Max(1, _table.Count / SampleSize);
        for (int slot = 0, live = 0; slot < view.Limit; slot++)
        {
            if (view.States[slot] is SlotState.Live or SlotState.Arriving && live++ % step == 0)
                rows.Add(slot);
        }

        var dimension = _table.Dimension;
        var sample = new float[rows.Count * dimension];
        for (var i = 0; i < rows.Count; i++)
        {
            var factor = graph.NormFactor(view, rows[i]);
            for (var d = 0; d < dimension; d++)
                sample[(i * dimension) + d] = view.Floats[((nint)rows[i] * dimension) + d] * factor;
        }

        return sample;
    }
}
