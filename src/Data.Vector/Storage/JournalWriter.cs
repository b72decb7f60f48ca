using Data.Vector.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Data.Vector.Storage;

/// <summary>
/// Appends entries to the newest segment of a journal; entries that wait at once go to disk with one write and one flush.
/// </summary>
/// <remarks>
/// Whoever finds no commit under way starts one on the pool; those who come while it runs wait for the next. An entry that could not be
/// written is cut off again, so a full disk refuses writes and takes them again once there is room. After a failed flush nobody can say
/// what is on disk (the kernel may have dropped the pages), so the journal refuses everything from then on.
/// </remarks>
internal sealed class JournalWriter : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Guid _collection;
    private readonly CommitMark _mark;
    private readonly TimeSpan? _flushInterval;
    private readonly ITimer? _flushTimer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<PendingEntry> _round = [];
    private readonly List<PendingEntry> _pending = [];
    private TaskCompletionSource? _idle;
    private SafeFileHandle _handle;
    private JournalPosition _end;
    private long _flushedOffset;
    private long _segmentBytes;
    private bool _committing;
    private bool _disposed;
    private Exception? _failure;

    private JournalWriter(
        string folder,
        Guid collection,
        SafeFileHandle handle,
        JournalPosition end,
        CommitMark mark,
        TimeSpan? flushInterval,
        TimeProvider time,
        ILogger logger)
    {
        _folder = folder;
        _collection = collection;
        _handle = handle;
        _end = end;
        _flushedOffset = end.Offset;
        _segmentBytes = end.Offset;
        _mark = mark;
        _flushInterval = flushInterval;
        _time = time;
        _logger = logger;
        _flushTimer = flushInterval is { } interval ?
            time.CreateTimer(static state => ((JournalWriter)state!).StartCommit(), this, interval, interval) :
            null;
    }

    /// <summary>Bytes in the newest segment.</summary>
    public long SegmentBytes => Volatile.Read(ref _segmentBytes);

    /// <summary>Starts a journal in an empty folder.</summary>
    public static JournalWriter Create(string folder, Guid collection, TimeSpan? flushInterval, TimeProvider time, ILogger logger)
    {
        var end = NewSegment(folder, collection, 1, 0);
        return new JournalWriter(
            folder,
            collection,
            OpenSegment(folder, 1),
            end,
            CommitMark.Create(folder, end),
            flushInterval,
            time,
            logger);
    }

    /// <summary>Goes on behind what a reader found, after cutting a torn end off.</summary>
    public static JournalWriter Continue(
        string folder, Guid collection, JournalPosition end, CommitMark mark, TimeSpan? flushInterval, TimeProvider time, ILogger logger)
    {
        var handle = OpenSegment(folder, end.Segment);
        if (RandomAccess.GetLength(handle) > end.Offset)
            RandomAccess.SetLength(handle, end.Offset);

        // What was read but not marked, because the crash came between, becomes part of the acknowledged journal now.
        RandomAccess.FlushToDisk(handle);
        mark.Write(end);
        return new JournalWriter(folder, collection, handle, end, mark, flushInterval, time, logger);
    }

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

        if (_failure is null && _flushedOffset < _end.Offset)
            RandomAccess.FlushToDisk(_handle);

        _handle.Dispose();
        _mark.Dispose();
    }

    private static JournalPosition NewSegment(string folder, Guid collection, long segment, long sequenceBefore)
    {
        Span<byte> header = stackalloc byte[JournalSegment.HeaderSize];
        JournalSegment.WriteHeader(header, collection, segment, sequenceBefore);
        DurableFile.Replace(Path.Combine(folder, JournalSegment.FileName(segment)), header);
        return new JournalPosition(segment, JournalSegment.HeaderSize, sequenceBefore);
    }

    private static SafeFileHandle OpenSegment(string folder, long segment) =>
        File.OpenHandle(Path.Combine(folder, JournalSegment.FileName(segment)), FileMode.Open, FileAccess.ReadWrite, FileShare.Read);

    private Task WhenIdle() => (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private JournalPosition Rotate()
    {
        try
        {
            RandomAccess.FlushToDisk(_handle);
        }
        catch (Exception exception) when (DurableFile.IsFailure(exception))
        {
            throw Fail(exception);
        }

        var next = Path.Combine(_folder, JournalSegment.FileName(_end.Segment + 1));
        try
        {
            var end = NewSegment(_folder, _collection, _end.Segment + 1, _end.Sequence);
            var handle = OpenSegment(_folder, end.Segment);
            _handle.Dispose();
            _handle = handle;
            _end = end;
        }
        catch (Exception exception) when (DurableFile.IsFailure(exception))
        {
            // Entries go on in the old segment, and a new one beside it that begins elsewhere would contradict it at the next opening.
            File.Delete(next);
            throw;
        }

        _flushedOffset = _end.Offset;
        Volatile.Write(ref _segmentBytes, _end.Offset);
        _mark.Write(_end);
        return _end;
    }

    private void StartCommit()
    {
        lock (_gate)
        {
            if (_committing || _disposed || _failure is not null || _flushedOffset == _end.Offset)
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
                failure = Write(_round, flush: flushOnly || _flushInterval is null);
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
    private Exception? Write(List<PendingEntry> round, bool flush)
    {
        if (_failure is not null)
            return Refusal();

        var sequence = _end.Sequence;
        var offset = _end.Offset;
        var parts = new List<ReadOnlyMemory<byte>>(round.Count * 2);
        foreach (var entry in round)
        {
            parts.Add(entry.Frame(++sequence));
            parts.Add(entry.Content);
            offset += JournalSegment.FrameHeaderSize + entry.Content.Length;
        }

        try
        {
            RandomAccess.Write(_handle, parts, _end.Offset);
        }
        catch (Exception exception) when (DurableFile.IsFailure(exception))
        {
            return TakeBack(exception);
        }

        try
        {
            var end = new JournalPosition(_end.Segment, offset, sequence);
            if (flush)
            {
                var started = _time.GetTimestamp();
                RandomAccess.FlushToDisk(_handle);
                _flushedOffset = offset;
                VectorTelemetry.Flushed(_time.GetElapsedTime(started));
            }

            _mark.Write(end);
            VectorTelemetry.Committed(round.Count, offset - _end.Offset);
            _end = end;
            Volatile.Write(ref _segmentBytes, end.Offset);
            return null;
        }
        catch (Exception exception) when (DurableFile.IsFailure(exception))
        {
            return Fail(exception);
        }
    }

    private Exception TakeBack(Exception exception)
    {
        try
        {
            RandomAccess.SetLength(_handle, _end.Offset);
        }
        catch (Exception second) when (DurableFile.IsFailure(second))
        {
            return Fail(second);
        }

        VectorLog.WriteRefused(_logger, _folder, exception);
        return DurableFile.IsFull(exception)
            ? new VectorStoreFullException(
                "There is no room on the disk for the write. Nothing of it is kept; reads go on, and writes go on once there is room.",
                exception)
            : new DataVectorException("The write could not be stored. Nothing of it is kept; reads go on.", exception);
    }

    private VectorStoreReadOnlyException Fail(Exception exception)
    {
        Volatile.Write(ref _failure, exception);
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
            "The journal could not be flushed, so it is unknown what is on disk. Reads go on; open the store again once the disk is sound.",
            _failure);
}
