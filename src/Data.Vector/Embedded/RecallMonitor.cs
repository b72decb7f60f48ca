using Data.Vector.Hnsw;

namespace Data.Vector.Embedded;

/// <summary>
/// Measures the recall of a collection's searches in the background when enough has changed: searches near its own vectors are compared
/// with exact ones.
/// </summary>
/// <param name="records">The records.</param>
/// <param name="efSearch">Returns the EfSearch of searches that name none.</param>
/// <param name="least">The recall below which <paramref name="low"/> runs; 0 measures nothing.</param>
/// <param name="low">Receives a recall that is too low.</param>
internal sealed class RecallMonitor(StoredRecords records, Func<int> efSearch, double least, Action<double> low) : IAsyncDisposable
{
    private const int MinRecords = 1_000, ChangedShare = 4;

    // Distances computed by the exact searches of one measurement.
    private const long Budget = 20_000_000;

    private const int MinSamples = 10, MaxSamples = 100;

    private readonly HnswIndex? _index = least > 0 ? records.Index as HnswIndex : null;
    private readonly CancellationTokenSource _end = new();
    private Task _running = Task.CompletedTask;
    private double _recall = double.NaN;
    private long _changesBefore;
    private int _measurements;
    private int _considering;

    /// <summary>The last recall measured; null before the first measurement.</summary>
    public double? Recall => Volatile.Read(ref _recall) is var recall && double.IsNaN(recall) ? null : recall;

    /// <summary>Whether the last recall measured is too low.</summary>
    public bool IsLow => Recall < least;

    // A replaced record counts twice, a deleted one once.
    private long Changes => records.Count + (2 * records.Removed);

    /// <summary>Starts a measurement in the background when a quarter of the records have changed since the last one.</summary>
    public void Consider()
    {
        var count = records.Count;
        if (_index is null || count < MinRecords || Changes - Volatile.Read(ref _changesBefore) < count / ChangedShare
            || _end.IsCancellationRequested || Interlocked.Exchange(ref _considering, 1) != 0)
        {
            return;
        }

        _running = Task.Run(async () =>
        {
            try
            {
                // Opening comes first: it needs the processor more.
                await records.WhenReadAsync(_end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Measure(_index);
            }
            catch (Exception exception) when (exception is ObjectDisposedException or OperationCanceledException)
            {
                // The collection is being closed.
            }
            finally
            {
                Volatile.Write(ref _considering, 0);
            }
        });
    }

    /// <summary>Ends a measurement that runs, and lets no further one begin.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private void Measure(HnswIndex index)
    {
        Volatile.Write(ref _changesBefore, Changes);
        var samples = (int)Math.Clamp(Budget / Math.Max(1, records.Count), MinSamples, MaxSamples);
        var recall = RecallTuner.Measure(index, samples, efSearch(), _measurements++, _end.Token);
        if (recall < least)
            low(recall);

        Volatile.Write(ref _recall, recall);

        // Codes that failed before they were watched: in a folder of an earlier version, or between two openings.
        if (recall < least)
            index.VerifyCodes();
    }
}
