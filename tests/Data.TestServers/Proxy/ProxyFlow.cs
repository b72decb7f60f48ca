using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Data.TestServers.Proxy;

/// <summary>
/// One direction of a connection. A reader takes what arrives and notes when it is due, a writer sends it then: so a delay adds
/// latency without making the chunks wait for one another. The queue between them is bounded, so a slow receiver slows the sender.
/// </summary>
internal sealed class ProxyFlow(FaultProxy proxy, ProxyConnection connection, Direction direction, Socket source, Socket target)
{
    private const int ChunkBytes = 16 * 1024;
    private const int QueuedChunks = 64;
    private readonly Channel<Piece> _queue = Channel.CreateBounded<Piece>(
        new BoundedChannelOptions(QueuedChunks) { SingleReader = true, SingleWriter = true });
    private readonly Lock _sync = new();
    private readonly List<(long At, ProxyCut Cut)> _cuts = [];
    private long _forwarded;

    internal long Forwarded => Interlocked.Read(ref _forwarded);

    /// <summary>Arms a cut that counts from here.</summary>
    internal void Arm(ProxyCut cut)
    {
        lock (_sync)
            _cuts.Add((Forwarded + cut.Bytes, cut));
    }

    /// <summary>
    /// Whether the receiver no longer takes bytes. What it said before still flows the other way, which then ends by itself.
    /// </summary>
    internal bool TargetIsGone { get; private set; }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAsync(stopping.Token);
        try
        {
            await WriteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException) when (TargetIsGone)
        {
            // The other direction reads from the same socket and sees its end.
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ChannelClosedException)
        {
            // The sender was reset: the receiver shall see a reset too.
            connection.End(CutKind.Reset);
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
                var count = await source.ReceiveAsync(buffer.AsMemory(0, ChunkBytes), SocketFlags.None, cancellationToken)
                    .ConfigureAwait(false);
                if (count == 0)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    break;
                }

                var due = Stopwatch.GetTimestamp() + proxy.DelayTicks(direction);
                await _queue.Writer.WriteAsync(new Piece(buffer, count, due), cancellationToken).ConfigureAwait(false);
            }

            _queue.Writer.Complete();
        }
        catch (Exception e)
        {
            // What came before a reset was sent: the writer passes it on first, and then the reset.
            _queue.Writer.Complete(e);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await foreach (var piece in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                await WaitUntilAsync(piece.Due, cancellationToken).ConfigureAwait(false);
                await proxy.WaitWhileFrozenAsync(cancellationToken).ConfigureAwait(false);
                await PassAsync(piece.Buffer.AsMemory(0, piece.Count), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(piece.Buffer);
            }
        }

        await proxy.WaitWhileFrozenAsync(cancellationToken).ConfigureAwait(false);
        if (proxy.Swallows || connection.IsCutting)
            return;
        try
        {
            target.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            TargetIsGone = true;
        }
    }

    private async Task PassAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (proxy.Swallows)
            connection.LostBytes = true;
        if (proxy.Swallows || connection.IsCutting)
            return;
        var verdict = proxy.Judge(new ProxyChunk(connection, direction, Forwarded, data));
        if (verdict.Drops)
            return;
        var (length, cut, kind) = Place(data.Length, verdict);
        if (kind is null)
        {
            if (!connection.IsCutting)
                await SendAsync(data, cancellationToken).ConfigureAwait(false);
            return;
        }

        // From here on the other direction passes nothing, so no answer to the last bytes gets through before the cut.
        if (!connection.TryBeginCut())
            return;
        await SendAsync(data[..length], cancellationToken).ConfigureAwait(false);
        await DrainAsync(cancellationToken).ConfigureAwait(false);
        cut?.Report(connection);
        connection.End(kind.Value);
    }

    private (int Length, ProxyCut? Cut, CutKind? Kind) Place(int count, ChunkVerdict verdict)
    {
        lock (_sync)
        {
            var end = _forwarded + count;
            var at = long.MaxValue;
            ProxyCut? cut = null;
            foreach (var armed in _cuts)
            {
                if (armed.At > end || armed.At >= at)
                    continue;
                at = armed.At;
                cut = armed.Cut;
            }

            var length = cut is null ? int.MaxValue : (int)Math.Max(0, at - _forwarded);
            if (verdict.CutAt is { } chosen && Math.Min(chosen, count) < length)
                return (Math.Min(chosen, count), null, verdict.Kind);
            return cut is null ? (count, null, null) : (length, cut, cut.Kind);
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        while (!data.IsEmpty)
        {
            int sent;
            try
            {
                sent = await target.SendAsync(data, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                TargetIsGone = true;
                throw;
            }

            data = data[sent..];
            Interlocked.Add(ref _forwarded, sent);
            proxy.Count(direction, sent);
        }
    }

    /// <summary>Waits until the receiver's kernel has everything: a reset would discard what still waits here.</summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        for (var round = 0; round < 2_000; round++)
        {
            if (NativeMethods.Control(target.SafeHandle, NativeMethods.UnsentBytes, out var unsent) != 0 || unsent == 0)
                return;
            await Task.Delay(1, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task WaitUntilAsync(long due, CancellationToken cancellationToken)
    {
        while (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } left)
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), cancellationToken).ConfigureAwait(false);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Piece(byte[] Buffer, int Count, long Due);
}
