using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Data.Benchmarks.Load;

/// <summary>
/// Requests at a given rate over HTTP/1.1, on a schedule that no slow answer moves: every batch is measured from when it was due, so a
/// server that stalls cannot hide the requests it kept waiting (coordinated omission). One thread of its own looks after all connections:
/// timers and a thread pool shared with the server would be measured as the server's latency.
/// </summary>
internal sealed partial class PacedLoad(IPEndPoint target, string request, int connections, int depth)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly byte[] _batch = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, depth)));

    /// <summary>Runs for a time.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="rate">Requests per second over all connections.</param>
    /// <param name="expectedStatus">The status of a good answer; null for any.</param>
    /// <param name="cancellation">Ends the run.</param>
    public Task<LoadResult> RunAsync(
        TimeSpan duration,
        double rate,
        int? expectedStatus,
        CancellationToken cancellation) => Task.Factory.StartNew(
        () => Run(duration, rate, expectedStatus, cancellation), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private LoadResult Run(TimeSpan duration, double rate, int? expectedStatus, CancellationToken cancellation)
    {
        var latency = new LatencyHistogram();
        var interval = ToTicks(TimeSpan.FromSeconds(depth * connections / rate));
        var lines = Enumerable.Range(0, connections).Select(_ => new Line(target, expectedStatus, latency)).ToArray();
        try
        {
            var allocated = GC.GetTotalAllocatedBytes();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < lines.Length; i++)
                lines[i].Due = start + (interval * i / connections);
            var end = start + ToTicks(duration);
            while (Turn(lines, interval, end))
                cancellation.ThrowIfCancellationRequested();
            return new LoadResult(
                lines.Sum(l => l.Answered), lines.Sum(l => l.Failures), Stopwatch.GetElapsedTime(start), latency, GC
                    .GetTotalAllocatedBytes() - allocated);
        }
        finally
        {
            foreach (var line in lines)
                line.Dispose();
        }
    }

    /// <summary>Sends what is due and takes what has come; false when all that was due before the end has been answered.</summary>
    private bool Turn(Line[] lines, long interval, long end)
    {
        var (busy, idle) = (false, true);
        foreach (var line in lines)
        {
            if (line.IsWaiting)
            {
                busy = true;
                idle &= !line.Receive();
            }
            else if (line.Due < end)
            {
                busy = true;
                if (Stopwatch.GetTimestamp() >= line.Due)
                {
                    line.Send(_batch, depth, interval);
                    idle = false;
                }
            }
        }

        if (idle)
            Pause();
        return busy;
    }

    // The server's threads need this processor: one that spins here is taken from them only when its time slice of some milliseconds is
    // over. The system wakes it after less than 0.1 ms, which the measured latency includes.
    private static void Pause()
    {
        var pause = new Timespec { Nanoseconds = 10_000 };
        _ = NanoSleep(in pause, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in Timespec time, nint remaining);

    private static long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    /// <summary>One connection with at most one batch under way.</summary>
    private sealed class Line : IDisposable
    {
        private readonly Socket _socket;
        private readonly ResponseReader _reader;
        private readonly LatencyHistogram _latency;
        private long _from;
        private int _size;
        private int _missing;

        public Line(IPEndPoint target, int? expectedStatus, LatencyHistogram latency)
        {
            _socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            _socket.Connect(target);
            (_reader, _latency) = (new ResponseReader(expectedStatus), latency);
        }

        public long Due { get; set; }

        public bool IsWaiting => _missing > 0;

        public long Answered { get; private set; }

        public long Failures => _reader.Failures;

        public void Send(byte[] batch, int size, long interval)
        {
            (_from, _size, _missing) = (Due, size, size);
            Due += interval;
            _socket.Send(batch);
        }

        /// <summary>Takes what has come; false when nothing has.</summary>
        public bool Receive()
        {
            if (_socket.Available == 0)
            {
                return Stopwatch.GetElapsedTime(_from) < Patience
                    ? false
                    : throw new IOException($"No answer within {Patience.TotalSeconds} s, or the server has closed the connection.");
            }

            _reader.Received(_socket.Receive(_reader.Free().Span));
            while (_missing > 0 && _reader.TryTake())
                _missing--;
            if (_missing == 0)
            {
                _latency.Record(Stopwatch.GetElapsedTime(_from), _size);
                Answered += _size;
            }

            return true;
        }

        public void Dispose() => _socket.Dispose();
    }
}
