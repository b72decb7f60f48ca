using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Data.Benchmarks.Load;

/// <summary>What a load run saw. Latencies are those of whole requests, in milliseconds; bytes are those that the whole process allocated meanwhile.</summary>
internal sealed record LoadResult(long Requests, long Failures, TimeSpan Elapsed, LatencyHistogram Latency, long AllocatedBytes)
{
    public double PerSecond => Requests / Elapsed.TotalSeconds;
}

/// <summary>
/// A load generator for HTTP/1.1 over raw sockets that costs as little as it can, because it shares the processors with the server:
/// requests are prepared bytes, connections are kept alive, answers are only counted. Each connection sends a batch, pipelined, and waits
/// for all its answers; with a rate it keeps to a schedule and measures each batch from when it was due, so that a server that stalls
/// cannot hide the requests it kept waiting (coordinated omission).
/// </summary>
internal sealed class HttpLoad(IPEndPoint target, string request, int connections, int depth)
{
    private static readonly byte[] HeaderEnd = "\r\n\r\n"u8.ToArray();
    private readonly byte[] _batch = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, depth)));

    /// <summary>A GET without a body.</summary>
    public static string Get(string path, string? headers = null) => $"GET {path} HTTP/1.1\r\nHost: load\r\n{headers}\r\n";

    /// <summary>Runs for a time.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="rate">Requests per second over all connections; null for as fast as it goes.</param>
    /// <param name="expectedStatus">The status of a good answer; null for any.</param>
    /// <param name="cancellation">Ends the run.</param>
    public async Task<LoadResult> RunAsync(TimeSpan duration, double? rate, int? expectedStatus, CancellationToken cancellation)
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var start = Stopwatch.GetTimestamp();
        var workers = Enumerable.Range(0, connections).Select(i => Task.Run(() => WorkAsync(i, start, duration, rate, expectedStatus, cancellation), cancellation));
        var results = await Task.WhenAll(workers);
        var latency = new LatencyHistogram();
        foreach (var result in results)
            latency.Add(result.Latency);
        return new LoadResult(results.Sum(r => r.Requests), results.Sum(r => r.Failures), Stopwatch.GetElapsedTime(start), latency, GC.GetTotalAllocatedBytes() - allocated);
    }

    private async Task<(long Requests, long Failures, LatencyHistogram Latency)> WorkAsync(
        int index, long start, TimeSpan duration, double? rate, int? expectedStatus, CancellationToken cancellation)
    {
        using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(target, cancellation);
        var reader = new ResponseReader(socket, expectedStatus);
        var latency = new LatencyHistogram();
        var interval = rate is { } r ? TimeSpan.FromSeconds(depth * connections / r) : TimeSpan.Zero;

        // Connections take turns within the interval instead of all sending at once.
        var due = start + ToTicks(interval * index / connections);
        var end = start + ToTicks(duration);
        var requests = 0L;
        while (Stopwatch.GetTimestamp() is var now && now < end && due < end)
        {
            if (rate is null)
                due = now;
            else if (due > now)
                await Task.Delay(Stopwatch.GetElapsedTime(now, due), cancellation);

            // A timer wakes up to a tick late; that lateness is the generator's own and not the server's.
            var sent = Stopwatch.GetTimestamp();
            var from = rate is null || sent - due < ToTicks(TimeSpan.FromMilliseconds(2)) ? sent : due;
            await socket.SendAsync(_batch, cancellation);
            await reader.ReadAsync(depth, cancellation);
            latency.Record(Stopwatch.GetElapsedTime(from), depth);
            requests += depth;
            due += ToTicks(interval);
        }

        return (requests, reader.Failures, latency);
    }

    private static long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Counts answers by their headers; bodies are skipped by Content-Length.</summary>
    private sealed class ResponseReader(Socket socket, int? expectedStatus)
    {
        private readonly byte[] _buffer = new byte[128 * 1024];
        private int _start;
        private int _end;

        public long Failures { get; private set; }

        public async Task ReadAsync(int count, CancellationToken cancellation)
        {
            while (count > 0)
            {
                if (TryTake())
                {
                    count--;
                    continue;
                }

                if (_start > 0)
                {
                    _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                    (_start, _end) = (0, _end - _start);
                }

                var read = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancellation);
                if (read == 0)
                    throw new IOException("The server closed the connection or an answer exceeds the buffer.");
                _end += read;
            }
        }

        private bool TryTake()
        {
            var span = _buffer.AsSpan(_start, _end - _start);
            var headers = span.IndexOf(HeaderEnd);
            if (headers < 0)
                return false;
            var total = headers + 4 + ContentLength(span[..headers]);
            if (span.Length < total)
                return false;
            var status = ((span[9] - '0') * 100) + ((span[10] - '0') * 10) + (span[11] - '0');
            if (expectedStatus is { } expected && status != expected)
                Failures++;
            _start += total;
            return true;
        }

        private static int ContentLength(ReadOnlySpan<byte> headers)
        {
            var at = headers.IndexOf("Content-Length: "u8);
            if (at < 0)
                return 0;
            var length = 0;
            for (var i = at + 16; i < headers.Length && headers[i] is >= (byte)'0' and <= (byte)'9'; i++)
                length = (length * 10) + headers[i] - '0';
            return length;
        }
    }
}
