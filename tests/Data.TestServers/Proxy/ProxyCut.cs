namespace Data.TestServers;

/// <summary>
/// A cut that waits for its place in the stream: when <see cref="Bytes"/> bytes have been forwarded in its direction the connection
/// ends, and nothing that the other side answers to the last of them gets through. With 0 it ends when the first byte arrives,
/// which is not forwarded.
/// </summary>
public sealed class ProxyCut
{
    private readonly TaskCompletionSource<ProxyConnection> _happened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ProxyCut(Direction direction, long bytes, CutKind kind)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Direction = direction;
        Bytes = bytes;
        Kind = kind;
    }

    /// <summary>The direction whose bytes count.</summary>
    public Direction Direction { get; }

    /// <summary>How many bytes pass before the cut.</summary>
    public long Bytes { get; }

    /// <summary>How the connection ends.</summary>
    public CutKind Kind { get; }

    /// <summary>Ends with the connection when the cut has happened for the first time; never when it does not.</summary>
    public Task<ProxyConnection> Happened => _happened.Task;

    internal void Report(ProxyConnection connection) => _happened.TrySetResult(connection);
}
