using Data.Vector.Indexing;
using Data.Vector.Internal;
using Data.Vector.Quantization;

namespace Data.Vector.Hnsw;

/// <summary>
/// Chooses the codes of a graph as it grows and when they no longer fit its data, gives them up where none fit, and has what unfit codes
/// linked linked anew.
/// </summary>
/// <remarks>"Codes" in design.md explains when calibration runs and what it replaces.</remarks>
internal sealed unsafe class CodeCalibrator(HnswGraph graph, CodeWatch watch, GraphRelinker relinker)
{
    // The first calibration waits for enough vectors to choose by; the next ones follow each time the collection has grown by the factor.
    private const int FirstCalibration = 256, CalibrationGrowth = 8, SampleSize = 4096, EncodeBlock = 1024;

    // Fitness: so many vectors are searched for, half of them recent ones, among at most so many.
    private const int Queries = 32, MostRows = 1 << 17;

    // Drift: this many times the clipping that calibration accepted, and at least this share of all coordinates. Under the inner product
    // the longest vectors are the nearest, and clipping shortens them.
    private const double DriftFactor = 4, MinDrift = 0.01, MinProductDrift = 0.0005;

    // After an alarm that ended with other codes the next one waits for as many vectors.
    private const int MinCalm = 1024;

    private readonly SlotTable _table = graph.Table;
    private int _next = FirstCalibration;
    private long _clipped;
    private long _inserted;
    private long _calm;
    private long _failures;
    private int _running;

    /// <summary>The count of vectors at which the next calibration runs.</summary>
    public int Next => _next;

    /// <summary>How often codes in use were found unfit.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Runs each time codes in use were found unfit, outside all locks, with the number of nodes that are linked anew.</summary>
    public Action<int>? Failed { get; set; }

    /// <summary>Encodes a stored vector while there are codes, and counts the coordinates that were clipped.</summary>
    public void Encode(in GraphView view, int slot)
    {
        Interlocked.Increment(ref _inserted);
        if (view.Book is not { } book)
            return;
        var row = view.Floats + ((nint)slot * _table.Dimension);
        var clipped = book.Encode(row, graph.NormFactor(view, slot), view.Codes + ((nint)slot * graph.CodeBytes));
        if (clipped > 0)
            Interlocked.Add(ref _clipped, clipped);
    }

    /// <summary>
    /// Calibrates when the collection has grown or drifted enough, or when the codes have failed. Call outside the writers' lock.
    /// </summary>
    public void CalibrateIfDue()
    {
        if (graph.Parameters.Quantization == QuantizationMode.Codes && IsDue())
            Alone(() => IsDue(), allFailed: false);
    }

    /// <summary>Judges the codes in use by vectors from everywhere, and replaces them where they fail.</summary>
    public void Verify()
    {
        if (_table.Columns.Payload is CodeBook)
            Alone(() => _table.Columns.Payload is CodeBook book && Measure(book) < CodeFitness.Alarming, allFailed: true);
    }

    /// <summary>Sets the state of a new graph whose codes a snapshot has filled.</summary>
    public void Restore(int next) => _next = next;

    private void Alone(Func<bool> isDue, bool allFailed)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0)
            return;
        try
        {
            if (isDue())
                Calibrate(allFailed);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private double Measure(CodeBook book)
    {
        using var pin = _table.Pin();
        var view = graph.View();
        var rows = Live(view);
        return CodeFitness.Measure(graph, view, book, Spread(rows, MostRows), Spread(rows, Queries));
    }

    private bool IsDue()
    {
        var count = _table.Stored;
        if (count >= Volatile.Read(ref _next))
            return true;
        if (count == 0)
            return false;
        return _table.Columns.Payload is CodeBook book
            ? HasFailed() || HasDrifted(book, count)
            : count >= FirstCalibration && Volatile.Read(ref _inserted) >= count;
    }

    private bool HasFailed() => watch.IsAlarmed && Volatile.Read(ref _inserted) >= Volatile.Read(ref _calm);

    private bool HasDrifted(CodeBook book, int count)
    {
        var inserted = Volatile.Read(ref _inserted);
        var least = _table.Metric == DistanceMetric.InnerProduct ? MinProductDrift : MinDrift;
        return inserted >= Math.Max(FirstCalibration, count / CalibrationGrowth)
            && Volatile.Read(ref _clipped) > (double)inserted * _table.Dimension * Math.Max(least, DriftFactor * book.ClippedShare);
    }

    /// <summary>
    /// Chooses codes by a sample, encodes all vectors with them and publishes both together; searches under way finish on the old ones.
    /// Where they do not tell neighbours apart, walks read floats until the collection has grown.
    /// </summary>
    private void Calibrate(bool allFailed)
    {
        var before = _table.Columns.Payload as CodeBook;
        var alarmed = before is not null && (allFailed || HasFailed());
        var book = Choose();
        int[] unproven;
        _table.Writers.EnterWriteLock();
        try
        {
            if (book is null)
                _table.Replace(_table.Columns.With(GraphLayout.CodeColumn, _table.Columns.Region(GraphLayout.CodeColumn), payload: null));
            else
                Publish(book);
            _next = (int)Math.Min((long)_table.Stored * CalibrationGrowth, int.MaxValue);
            _calm = alarmed ? Math.Max(MinCalm, _table.Stored / CalibrationGrowth) : 0;
            _clipped = _inserted = 0;
            unproven = alarmed || book is null ? watch.Reset() : [];
        }
        finally
        {
            _table.Writers.ExitWriteLock();
        }

        if (before is null || (book is not null && !alarmed))
            return;
        Interlocked.Increment(ref _failures);
        if (allFailed)
            unproven = relinker.StartAll();
        else
            relinker.Start(unproven);
        Failed?.Invoke(unproven.Length);
    }

    /// <summary>Chooses codes while others add; returns null where none tell neighbours apart.</summary>
    private CodeBook? Choose()
    {
        using var pin = _table.Pin();
        var view = graph.View();
        var rows = Live(view);
        var book = Calibration.Choose(_table.Metric, _table.Dimension, Sample(view, Spread(rows, SampleSize)));
        int[] queries = [.. Spread(rows, Queries / 2), .. Spread(watch.Recent(view.Limit), Queries / 2)];
        return CodeFitness.Measure(graph, view, book, Spread(rows, MostRows), queries) < CodeFitness.Required ? null : book;
    }

    private void Publish(CodeBook book)
    {
        var columns = _table.Columns;
        var view = graph.View();
        var old = columns.Region(GraphLayout.CodeColumn);
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

    private static int[] Live(in GraphView view)
    {
        var rows = new List<int>(view.Limit);
        for (var slot = 0; slot < view.Limit; slot++)
        {
            if (view.States[slot] is SlotState.Live or SlotState.Arriving)
                rows.Add(slot);
        }

        return [.. rows];
    }

    /// <summary>Returns about as many rows as wanted, evenly spread.</summary>
    private static int[] Spread(int[] rows, int wanted)
    {
        if (rows.Length <= wanted)
            return rows;
        var spread = new int[wanted];
        for (var i = 0; i < wanted; i++)
            spread[i] = rows[(int)((long)i * rows.Length / wanted)];
        return spread;
    }

    private float[] Sample(in GraphView view, int[] rows)
    {
        var dimension = _table.Dimension;
        var sample = new float[rows.Length * dimension];
        for (var i = 0; i < rows.Length; i++)
        {
            var factor = graph.NormFactor(view, rows[i]);
            for (var d = 0; d < dimension; d++)
                sample[(i * dimension) + d] = view.Floats[((nint)rows[i] * dimension) + d] * factor;
        }

        return sample;
    }
}
