namespace Data.Benchmarks.Load;

/// <summary>Counts the answers on one connection by their headers; bodies are skipped by Content-Length.</summary>
/// <param name="expectedStatus">The status of a good answer; null for any.</param>
internal sealed class ResponseReader(int? expectedStatus)
{
    private readonly byte[] _buffer = new byte[128 * 1024];
    private int _start;
    private int _end;

    public long Failures { get; private set; }

    /// <summary>Where to receive into; tell how much with <see cref="Received"/>.</summary>
    public Memory<byte> Free()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Takes what was received.</summary>
    /// <param name="bytes">How many; 0 means that the server has closed the connection.</param>
    public void Received(int bytes)
    {
        if (bytes == 0)
            throw new IOException("The server closed the connection or an answer exceeds the buffer.");
        _end += bytes;
    }

    /// <summary>Counts the next answer when all of it is there.</summary>
    public bool TryTake()
    {
        var span = _buffer.AsSpan(_start, _end - _start);
        var headers = span.IndexOf("\r\n\r\n"u8);
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
