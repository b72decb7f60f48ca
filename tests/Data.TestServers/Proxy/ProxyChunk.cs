namespace Data.TestServers;

/// <summary>Bytes that are about to be forwarded; their borders are TCP's, not the protocol's.</summary>
/// <param name="Connection">The connection that they belong to.</param>
/// <param name="Direction">Which way they go.</param>
/// <param name="Offset">How many bytes went this way on this connection before them.</param>
/// <param name="Data">The bytes; valid during the call only.</param>
public sealed record ProxyChunk(ProxyConnection Connection, Direction Direction, long Offset, ReadOnlyMemory<byte> Data)
{
    /// <summary>Where a sequence of bytes first stands in this chunk.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <returns>The index; -1 when it is not there.</returns>
    public int IndexOf(ReadOnlySpan<byte> sequence) => Data.Span.IndexOf(sequence);

    /// <summary>Whether this chunk holds a sequence of bytes.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <returns>True when it does.</returns>
    public bool Contains(ReadOnlySpan<byte> sequence) => IndexOf(sequence) >= 0;
}
