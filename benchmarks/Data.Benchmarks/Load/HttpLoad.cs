using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Data.Benchmarks.Load;

/// <summary>
/// As many requests as go, over HTTP/1.1 on raw sockets. It costs as little as it can, because it shares the processors with the server:
/// requests are prepared bytes, connections are kept alive, answers are only counted. Each connection sends a batch, pipelined, and waits
/// for all its answers.
/// </summary>
internal sealed class HttpLoad(IPEndPoint target, string request, int connections, int depth)
{
    private readonly byte[] _batch = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, depth)));

    /// <summary>A GET without a body.</summary>
    public static string Get(string path, string? headers = null) => $"GET {path} HTTP/1.1\r\nHost: load\r\n{headers}\r\n";

    /// <summary>Runs for a time.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="expectedStatus">The status of a good answer; null for any.</param>
    /// <param name="cancellation">Ends the run.</param>
    public async Task<LoadResult> RunAsync(TimeSpan duration, int? expectedStatus, CancellationToken cancellation)
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var start = Stopwatch.GetTimestamp();
        var workers = Enumerable.Range(0, connections)
            .Select(_ => Task.Run(() => WorkAsync(start, duration, expectedStatus, cancellation), cancellation));
        var results = await Task.WhenAll(workers);
        var latency = new LatencyHistogram();
        foreach (var result in results)
            latency.Add(result.Latency);
        return new LoadResult(
            results.Sum(r => r.Requests),
            results.Sum(r => r.Failures),
            Stopwatch.GetElapsedTime(start),
            latency,
            GC.GetTotalAllocatedBytes() - allocated);
    }

    private async Task<(long Requests, long Failures, LatencyHistogram Latency)> WorkAsync(
        long start,
        TimeSpan duration,
        int? expectedStatus,
        CancellationToken cancellation)
    {
        using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(target, cancellation);
        var reader = new ResponseReader(expectedStatus);
        var latency = new LatencyHistogram();
        var requests = 0L;
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            var sent = Stopwatch.GetTimestamp();
            await socket.SendAsync(_batch, cancellation);
            for (var missing = depth; missing > 0;)
            {
                if (reader.TryTake())
                    missing--;
                else
                    reader.Received(await socket.ReceiveAsync(reader.Free(), cancellation));
            }

            latency.Record(Stopwatch.GetElapsedTime(sent), depth);
            requests += depth;
        }

        return (requests, reader.Failures, latency);
    }
}
