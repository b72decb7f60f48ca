using Data.Vector.Telemetry;
using Microsoft.Extensions.Logging;

namespace Data.Vector.Storage;

/// <summary>
/// Appends entries to a journal; entries that wait at once go to disk with one write and one flush.
/// </summary>
/// <remarks>
/// Whoever finds no commit under way starts one on the pool; those who come while it runs wait for the next. An entry that could not be
/// written is cut off again, so a full disk refuses writes and takes them again once there is room. After a failed flush nobody can say
/// what is on disk (the kernel may have dropped the pages), so the journal refuses everything from then on.
/// </remarks>
internal sealed class JournalWriter : IAsyncDisposable
{
    private readonly string _folder;
    private readonly JournalTail _tail;
    private readonly bool _flushEach;
    private readonly ITimer? _flushTimer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<PendingEntry> _round = [];
    private readonly List<PendingEntry> _pending = [];
    private TaskCompletionSource? _idle;
    private bool _committing;
    private bool _disposed;
    private Exception? _failure;

    private JournalWriter(string folder, JournalTail tail, TimeSpan? flushInterval, TimeProvider time, ILogger logger)
    {
        _folder = folder;
        _tail = tail;
        _flushEach = flushInterval is null;
        _time = time;
        _logger = logger;
        _flushTimer = flushInterval is { } interval ?
            time.CreateTimer(static state => ((JournalWriter)state!).StartCommit(), this, interval, interval) :
            null;
    }

    /// <summary>Bytes in the newest segment.</summary>
    public long SegmentBytes => _tail.SegmentBytes;

    /// <summary>Whether a flush failed, after which every entry is refused.</summary>
    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    /// <summary>Starts a journal in an empty folder.</summary>
    /// <param name="folder">The collection's folder.</param>
    /// <param name="collection">The collection's identity.</param>
    /// <param name="flushInterval">The time within which entries are flushed; null flushes each before it is acknowledged.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Receives failures.</param>
    public static JournalWriter Create(string folder, Guid collection, TimeSpan? flushInterval, TimeProvider time, ILogger logger) =>
        new(folder, JournalTail.Create(folder, collection), flushInterval, time, logger);

    /// <summary>Goes on behind what a reader found, after cutting a torn end off.</summary>
    public static JournalWriter Continue(
        string folder, Guid collection, JournalPosition end, CommitMark mark, TimeSpan? flushInterval, TimeProvider time, ILogger logger) =>
        new(folder, JournalTail.Continue(folder, collection, end, mark), flushInterval, time, logger);

    /// <summary>Appends an entry.</summary>
    /// <param name="content">The content; left alone until the task has ended.</param>
    /// <returns>A task that ends when the entry is as safe as the mode promises.</returns>
    public ValueTask AppendAsync(ReadOnlyMemory<byte> content)
    {
        if (content.Length > JournalSegment.MaxContent)
        {
            throw new VectorInputException(
                $"The call holds {content.Length:N0} bytes; split it into calls of at most {JournalSegment.MaxContent:N0}.");
        }

        var entry = new PendingEntry(content);
        bool start;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ThrowIfFailed();
            _pending.Add(entry);
            start = !_committing;
            _committing = true;
        }

        if (start)
            ThreadPool.UnsafeQueueUserWorkItem(static writer => writer.Commit(), this, preferLocal: false);

        return new ValueTask(entry.Task);
    }

    /// <summary>
    /// Starts a new segment, once the commit that may be under way has ended. The caller sees to it that no entry is appended meanwhile.
    /// </summary>
    /// <returns>The position where the new segment begins.</returns>
    public async Task<JournalPosition> RotateAsync()
    {
        while (true)
        {
            Task idle;
            lock (_gate)
            {
                ThrowIfFailed();
                if (!_committing)
                    return Rotate();

                idle = WhenIdle();
            }

            await idle.ConfigureAwait(false);
        }
    }

    /// <summary>Refuses further entries, because a flush of another file of the collection failed.</summary>
    public void Stop(DiskStateUnknownException failure) => Fail(failure);

    /// <summary>Flushes what has been acknowledged, and closes the files.</summary>
    /// <exception cref="VectorStoreReadOnlyException">The last entries of the relaxed mode could not be flushed.</exception>
    public async ValueTask DisposeAsync()
    {
        Task? wait = null;
        lock (_gate)
        {
            if (_disposed)
                return;

            _disposed = true;
            wait = _committing ? WhenIdle() : null;
        }

        if (_flushTimer is not null)
            await _flushTimer.DisposeAsync().ConfigureAwait(false);

        if (wait is not null)
            await wait.ConfigureAwait(false);

        try
        {
            if (_failure is null && !_tail.IsFlushed)
                _tail.Flush();
        }
        catch (Exception exception) when (DurableFile.IsFailure(exception))
        {
            throw Fail(exception);
        }
        finally
        {
            _tail.Dispose();
        }
    }

    private Task WhenIdle() => (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private JournalPosition Rotate()
    {
        try
        {
            return _tail.Rotate();
        }
        catch (DiskStateUnknownException exception)
        {
            throw Fail(exception);
        }
    }

    private void StartCommit()
    {
        lock (_gate)
        {
            if (_committing || _disposed || _failure is not null || _tail.IsFlushed)
                return;

            _committing = true;
        }

        Commit(flushOnly: true);
    }

    private void Commit() => Commit(flushOnly: false);

    private void Commit(bool flushOnly)
    {
        while (true)
        {
            lock (_gate)
            {
                if (_pending.Count == 0 && !flushOnly)
                {
                    _committing = false;
                    _idle?.TrySetResult();
                    _idle = null;
                    return;
                }

                _round.AddRange(_pending);
                _pending.Clear();
            }

            Exception? failure;
            try
            {
                failure = Write(flush: flushOnly || _flushEach);
            }
            catch (Exception exception)
            {
                // Whoever waits must hear of it, whatever it is; and on this thread it would end the process.
                failure = Fail(exception);
            }

            flushOnly = false;
            foreach (var entry in _round)
                entry.Complete(failure);

            _round.Clear();
        }
    }

    /// <summary>Writes one round; returns why it failed, or null.</summary>
    private DataVectorException? Write(bool flush)
    {
        if (Volatile.Read(ref _failure) is not null)
            return Refusal();

        var before = _tail.SegmentBytes;
        try
        {
            _tail.Append(_round);
        }
        catch (Exception exception) when (DurableFile.IsFailure(exception) && exception is not DiskStateUnknownException)
        {
            return Refused(exception);
        }

        if (flush)
        {
            var started = _time.GetTimestamp();
            _tail.Flush();
            VectorTelemetry.Flushed(_time.GetElapsedTime(started));
        }

        VectorTelemetry.Committed(_round.Count, _tail.SegmentBytes - before);
        return null;
    }

    private DataVectorException Refused(Exception exception)
    {
        VectorLog.WriteRefused(_logger, _folder, exception);
        return DurableFile.IsFull(exception)
            ? new VectorStoreFullException(
                "There is no room on the disk for the write. Nothing of it is kept; reads go on, and writes go on once there is room.",
                exception)
            : new DataVectorException("The write could not be stored. Nothing of it is kept; reads go on.", exception);
    }

    private VectorStoreReadOnlyException Fail(Exception exception)
    {
        if (Interlocked.CompareExchange(ref _failure, exception, null) is null)
            VectorLog.JournalFailed(_logger, _folder, exception);

        return Refusal();
    }

    private void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is not null)
            throw Refusal();
    }

    private VectorStoreReadOnlyException Refusal() =>
        new(
            "A flush to disk failed, so it is unknown what is on disk. Reads go on; open the store again once the disk is sound.",
            _failure);
}
